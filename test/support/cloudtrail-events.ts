import { aRun } from './change-fixtures';

export const account = '111122223333';
export const executionArn = `arn:aws:states:eu-central-1:${account}:execution:orchestrator-poc-vm-provisioning:${aRun.runId}`;
const stateMachineArn = `arn:aws:states:eu-central-1:${account}:stateMachine:orchestrator-poc-vm-provisioning`;

const assumedRole = (role: string, session: string, path = '', over: object = {}) => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLEEXAMPLE:${session}`,
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
  accountId: account,
  accessKeyId: 'ASIAEXAMPLEEXAMPLE',
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: 'AROAEXAMPLEEXAMPLE',
      arn: `arn:aws:iam::${account}:role/${path}${role}`,
      accountId: account,
      userName: role,
    },
    attributes: { creationDate: '2026-11-21T08:55:00Z', mfaAuthenticated: 'false' },
  },
  ...over,
});
const ssoPath = 'aws-reserved/sso.amazonaws.com/eu-central-1/';

/** Callers as CloudTrail describes them. */
export const callers = {
  identityCenter: assumedRole(
    'AWSReservedSSO_OrchestratorOperator_0a1b2c3d4e5f6071',
    'maria@example.com',
    ssoPath,
  ),
  /** A role of one's own making, whose session is named like somebody else's. */
  imitation: assumedRole('AWSReservedSSO_OrchestratorOperator_0a1b2c3d4e5f6071', 'maria@example.com'),
  user: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLEEXAMPLE',
    arn: `arn:aws:iam::${account}:user/people/maria`,
    accountId: account,
    accessKeyId: 'AKIAEXAMPLEEXAMPLE',
    userName: 'maria',
  },
  role: assumedRole('ci-deploy', 'build-4711'),
  root: { type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account },
  otherAccount: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLEOTHER',
    arn: 'arn:aws:iam::999988887777:user/maria',
    accountId: '999988887777',
    userName: 'maria',
  },
  service: { type: 'AWSService', invokedBy: 'scheduler.amazonaws.com' },
  schedule: assumedRole('nightly-drift', 'scheduler', '', { invokedBy: 'scheduler.amazonaws.com' }),
  webhook: assumedRole('orchestrator-poc-GitHubWebhook-Role', 'orchestrator-poc-GitHubWebhook-Function'),
} as const;

/** EventBridge's event of one call, as recorded by CloudTrail; the input is never in it. */
export const startEvent = (
  userIdentity: object = callers.identityCenter,
  { detail = {}, ...over }: { detail?: object } & Record<string, unknown> = {},
) => ({
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'AWS API Call via CloudTrail' as const,
  source: 'aws.states',
  account,
  time: '2026-11-21T09:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: {
    eventVersion: '1.11',
    userIdentity,
    eventTime: '2026-11-21T09:00:00Z',
    eventSource: 'states.amazonaws.com',
    eventName: 'StartExecution',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-cli/2.31.0',
    requestParameters: { stateMachineArn, name: aRun.runId, input: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    responseElements: { executionArn, startDate: 'Nov 21, 2026, 9:00:00 AM' },
    requestID: '0b4b1b6e-9f0e-4a47-8a53-7f2c6a0a6c11',
    eventID: 'c1f3b2f0-5f0a-4a0e-9a57-0a8b7a3b5d11',
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    ...detail,
  },
  ...over,
});
