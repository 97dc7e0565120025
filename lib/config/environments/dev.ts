import type { EnvironmentInput } from '../schema';

/** A developer's own account: like poc, thrown away with its data. */
export const dev: EnvironmentInput = {
  name: 'dev',
  region: 'eu-central-1',
  zones: ['eu-central-1a', 'eu-central-1b'],
  network: { cidr: '10.41.0.0/16', egress: 'nat' },
  data: {
    retain: false,
    auditLock: { mode: 'governance', days: 1 },
    artifactDays: 30,
    replacedVersionDays: 30,
  },
  ledger: { origin: 'orchestrator.example.com/dev' },
  logRetentionDays: 14,
  tracing: true,
  approval: {
    approvers: [
      { id: 'alex', email: 'alex@example.com', delivery: 'email', groups: ['approver', 'admin'] },
      { id: 'sam', email: 'sam@example.com', delivery: 'email' },
    ],
    principals: [
      { principal: 'sso/OrchestratorOperator/{person}', groups: ['operator'] },
      { principal: 'sso/AdministratorAccess/{person}', groups: ['operator', 'admin'] },
      { principal: 'user/{person}', groups: ['operator'] },
    ],
    signInRequired: false,
    firewall: false,
  },
  access: {
    operator: { assumedBy: ['user/dev-*'] },
    auditor: { assumedBy: ['user/dev-*'] },
  },
  notify: [{ id: 'operations', email: 'operations@example.com', delivery: 'email' }],
  alarmEmails: ['operations@example.com'],
  runner: {
    packaging: { kind: 'build-in-account' },
    ansibleRunsOn: 'fargate',
    hostAccess: { kind: 'ec2' },
  },
  emulated: false,
};
