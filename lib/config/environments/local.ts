import type { EnvironmentInput, LocalPlatform } from '../schema';

/** The whole app on one machine: an emulator for AWS, real Debian machines as hosts. Nothing outlives it. */
export const local = (platform: LocalPlatform): EnvironmentInput => ({
  name: 'local',
  region: 'us-east-1',
  zones: ['us-east-1a', 'us-east-1b'],
  network: { cidr: '10.40.0.0/16', egress: 'none' },
  data: {
    retain: false,
    auditLock: { mode: 'governance', days: 1 },
    artifactDays: 30,
    replacedVersionDays: 30,
  },
  ledger: { origin: 'orchestrator.example/local', checkpointEvery: 1 },
  logRetentionDays: 7,
  tracing: false,
  approval: {
    approvers: [
      { id: 'alex', email: 'alex@example.com', delivery: 'queue', groups: ['approver', 'admin'] },
      { id: 'sam', email: 'sam@example.com', delivery: 'queue' },
    ],
    principals: [{ principal: 'user/{person}', groups: ['operator'] }],
    // Nobody's mailbox is flooded here, and who tries things out does not want to wait.
    mailBudget: 1000,
    callerLimits: { answers: 100_000, signIns: 100_000, webhooks: 100_000 },
    signInRequired: platform.signIn !== undefined,
    ...(platform.signIn && { signIn: platform.signIn }),
    publicBaseUrl: `http://127.0.0.1:${platform.gatewayPort}/restapis/{restApiId}/{stage}/_user_request_`,
    firewall: false,
  },
  access: {
    operator: { assumedBy: ['root'] },
    approver: { assumedBy: ['root'] },
    auditor: { assumedBy: ['root'] },
    admin: { assumedBy: ['root'] },
    'break-glass': { assumedBy: ['root'] },
  },
  notify: [{ id: 'operations', email: 'operations@example.com', delivery: 'queue' }],
  alarmEmails: [],
  // To try out: nothing starts by itself here, and runs of one tenant follow each other.
  schedules: [
    {
      id: 'nightly-drift',
      workflow: 'drift-check',
      cron: '0 3 * * ? *',
      input: { workspace: 'demo/web-01', reason: 'Nightly drift check' },
      enabled: false,
    },
  ],
  concurrency: { tenants: { 'one-by-one': 1 } },
  channels: { ...platform.channels, loopback: true },
  runner: {
    packaging: { kind: 'bundle' },
    ansibleRunsOn: 'lambda',
    hostAccess: {
      kind: 'controller',
      url: platform.hostControllerUrl,
      tokenFile: platform.hostControllerTokenFile,
    },
    ...(platform.providerMirror && { providerMirror: platform.providerMirror }),
  },
  emulated: true,
});
