import type { EnvironmentInput } from '../schema';

/** A proof of concept in a real account: everything is kept, one NAT gateway, approval by personal link. */
export const poc: EnvironmentInput = {
  name: 'poc',
  region: 'eu-central-1',
  zones: ['eu-central-1a', 'eu-central-1b'],
  network: { cidr: '10.42.0.0/16', egress: 'nat' },
  data: {
    retain: true,
    auditLock: { mode: 'governance', days: 30 },
    artifactDays: 180,
    replacedVersionDays: 90,
  },
  ledger: { origin: 'orchestrator.example.com/poc' },
  logRetentionDays: 90,
  tracing: true,
  approval: {
    approvers: [
      { id: 'alex', email: 'alex@example.com', delivery: 'email', groups: ['approver', 'admin'] },
      { id: 'sam', email: 'sam@example.com', delivery: 'email' },
    ],
    principals: [
      { principal: 'sso/OrchestratorOperator/{person}', groups: ['operator'] },
      { principal: 'sso/AdministratorAccess/{person}', groups: ['operator', 'admin'] },
    ],
    signInRequired: false,
    firewall: true,
  },
  access: {
    operator: { assumedBy: ['role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_OrchestratorOperator_*'] },
    approver: { assumedBy: ['role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_OrchestratorApprover_*'] },
    auditor: { assumedBy: ['role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_OrchestratorAuditor_*'] },
    admin: { assumedBy: ['role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_OrchestratorAdmin_*'] },
    'break-glass': {
      assumedBy: ['role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_OrchestratorBreakGlass_*'],
    },
  },
  notify: [{ id: 'operations', email: 'operations@example.com', delivery: 'email' }],
  alarmEmails: ['operations@example.com'],
  schedules: [
    {
      id: 'nightly-drift',
      workflow: 'drift-detection',
      cron: '0 2 * * ? *',
      timezone: 'Europe/Berlin',
      input: { reason: 'Nightly drift detection' },
    },
    {
      id: 'daily-rotation',
      workflow: 'secret-rotation',
      cron: '0 4 * * ? *',
      timezone: 'Europe/Berlin',
      input: { due: true, spreadSeconds: 900, reason: 'Daily rotation' },
    },
  ],
  runner: {
    packaging: { kind: 'build-in-account' },
    ansibleRunsOn: 'fargate',
    hostAccess: { kind: 'ec2' },
  },
  emulated: false,
};
