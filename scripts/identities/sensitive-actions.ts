import type { PeopleRole } from '../../lib/config/access';
import type { Context } from './simulator';

/** One thing that not everybody may do, and who may. */
export interface SensitiveAction {
  readonly group: string;
  /** What it amounts to, for a table's head. */
  readonly what: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
  readonly region?: string;
  /** The roles that it is meant for; every other role must be refused. */
  readonly may: readonly string[];
  /** Whether everybody else is denied it explicitly, so that no later grant changes that. @default false */
  readonly forbidden?: boolean;
}

/** The workspace that sessions are lent for in the table, and one of somebody else. */
export const ownWorkspace = 'tenant-a/web';
const foreignWorkspace = 'tenant-b/db';
const tag = 'orchestrator:workspace';

/** The session that a broker asks for. */
export const asBrokersAsk: Context = {
  'aws:RequestTag/workspace': ownWorkspace,
  'aws:TagKeys': ['tenant', 'workspace', 'change'],
};

const lentToPlan = 'Runner/PlanCredentials/Lent';
const lentToApply = 'Runner/ApplyCredentials/Lent';
const planWorkers = ['Runner/Plan', 'Runner/PlanTask'];
const applyWorkers = ['Runner/Apply', 'Runner/ApplyTask'];
const doctor = 'LockDoctor/Step';

const operator = 'People/Operator';
const approver = 'People/Approver';
const auditor = 'People/Auditor';
const admin = 'People/Admin';
const breakGlass = 'People/BreakGlass';
/** What each word of lib/config/access.ts is called in the app. */
export const peopleIdentities: Readonly<Record<PeopleRole, string>> = {
  operator,
  approver,
  auditor,
  admin,
  'break-glass': breakGlass,
};

/** They tell the ledger what people do, and so find or make the references that stand for them. */
const referring = [
  'Gate/CloseApproval',
  'Gate/DecideApproval',
  'Gate/RequestApproval',
  'Gate/SendCallback',
  'Gate/SetDelegation',
  'Gate/TendApprovals',
  'Lifecycle/AuthorizeChange',
  'Lifecycle/BeginRun',
  'Lifecycle/AcceptDrift',
  'Lifecycle/SetFreeze',
  'StarterRecord/Step',
  'Runner/ApplyCredentials/Step',
  'Runner/PlanCredentials/Step',
];
const personalData = 'PersonalData/Step';
const rotation = 'Rotation/Rotate';
const ledgerWriters = [
  ...referring,
  personalData,
  'Compliance/Step',
  'Lifecycle/AssessDrift',
  'Lifecycle/AwaitLease',
  'Lifecycle/BindChange',
  'Lifecycle/EndRun',
  'TimeToLive/Step',
  'CredentialWatch/Step',
  rotation,
  'Ledger/Configuration',
  doctor,
];
const lifecycle = [
  'Lifecycle/BeginRun',
  'Lifecycle/BindChange',
  'Lifecycle/EndRun',
  'Lifecycle/ReconcileRun',
];
const workers = [...planWorkers, ...applyWorkers, 'Runner/AnsibleTask', 'Runner/Script'];

/** The roles that `cdk bootstrap` made, which deployments are done as. */
export const deployers = (region: string | undefined, account: string | undefined): string[] =>
  ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(
    (what) => `arn:aws:iam::${account}:role/cdk-hnb659fds-${what}-role-${account}-${region}`,
  );

type Row = Omit<SensitiveAction, 'group'>;
const group = (name: string, rows: readonly Row[]): SensitiveAction[] =>
  rows.map((row) => ({ group: name, ...row }));

/** @param at the ARN of what stands at a place of the app */
export const sensitiveActions = (at: (place: string) => string): SensitiveAction[] => {
  const state = (workspace: string) => `${at('State')}/${workspace}/terraform.tfstate`;
  const artifact = (key: string) => `${at('Artifacts')}/${key}`;
  const [, , , region, account] = at('Gate/SendCallback/Function').split(':');
  const ec2 = (resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;
  const named = at('AnsibleRun/StateMachine').split(':').at(-1)?.replace('-ansible-run', '');
  const secrets = `arn:aws:secretsmanager:${region}:${account}:secret:${named}`;
  const executionOf = (machine: string) =>
    `${at(`${machine}/StateMachine`).replace(':stateMachine:', ':execution:')}:x`;
  return [
    ...group('What people begin, follow and end', [
      {
        what: 'start a run',
        action: 'states:StartExecution',
        resource: at('Decommission/StateMachine'),
        // At the end of a workspace's time to live; its gate stays.
        may: [operator, 'TimeToLive/Step'],
      },
      {
        what: 'stop a run',
        action: 'states:StopExecution',
        resource: executionOf('VmProvisioning'),
        may: [operator, breakGlass],
      },
      {
        what: 'freeze and thaw',
        action: 'states:StartExecution',
        resource: at('SetFreeze/StateMachine'),
        may: [operator, breakGlass],
      },
      {
        what: 'see how a run stands, and its input',
        action: 'states:DescribeExecution',
        resource: executionOf('VmProvisioning'),
        may: [operator, breakGlass, 'Lifecycle/ReconcileRun', doctor],
      },
      {
        what: 'see the history of a run',
        action: 'states:GetExecutionHistory',
        resource: executionOf('VmProvisioning'),
        may: [operator, breakGlass],
      },
      {
        what: 'see the history of a gate, which holds the token that a decision resumes with',
        action: 'states:GetExecutionHistory',
        resource: executionOf('ApprovalGate'),
        may: [breakGlass],
      },
      {
        what: 'have a lock examined and released',
        action: 'lambda:InvokeFunction',
        resource: at('LockDoctor/Step/Function'),
        may: [operator, breakGlass, 'LockDoctor/Sweep', 'TerraformApply', 'TerraformPlan'],
      },
      {
        what: 'ask why somebody may not decide',
        action: 'lambda:InvokeFunction',
        resource: at('Gate/ExplainApproval/Function'),
        may: [operator, approver, auditor, admin, breakGlass],
      },
      {
        what: 'let somebody answer for another',
        action: 'lambda:InvokeFunction',
        resource: at('Gate/SetDelegation/Function'),
        may: [admin],
      },
      {
        what: 'make up who started a run',
        action: 'lambda:InvokeFunction',
        resource: at('StarterRecord/Step/Function'),
        may: [admin],
      },
      {
        what: 'make up a message to a webhook',
        action: 'sqs:SendMessage',
        resource: at('Channels/Webhook-itsm/Delivery/Queue'),
        may: [admin, 'Channels/Route'],
      },
      {
        what: 'deploy',
        action: 'sts:AssumeRole',
        resource: deployers(region, account)[0] ?? '',
        may: [admin],
      },
      {
        what: 'change a workflow without deploying',
        action: 'states:UpdateStateMachine',
        resource: at('VmProvisioning/StateMachine'),
        may: [],
      },
      {
        what: 'change a function without deploying',
        action: 'lambda:UpdateFunctionCode',
        resource: at('Gate/DecideApproval/Function'),
        may: [],
      },
      {
        what: 'have a run begin again behind its record',
        action: 'states:RedriveExecution',
        resource: executionOf('VmProvisioning'),
        may: [],
      },
    ]),
    ...group('What people read', [
      {
        what: 'query the record',
        action: 'dynamodb:Query',
        resource: at('Ledger'),
        may: [auditor, breakGlass, 'Ledger/Checkpoint', 'Ledger/Configuration'],
      },
      {
        what: 'read its locked copies',
        action: 's3:GetObject',
        resource: `${at('Audit')}/ledger/e`,
        may: [auditor, breakGlass],
      },
      {
        what: 'read the key that checkpoints are verified with',
        action: 'kms:GetPublicKey',
        resource: at('LedgerKey'),
        may: [auditor, breakGlass, 'Ledger/Checkpoint'],
      },
      {
        what: 'find runs of a workspace',
        action: 'dynamodb:Query',
        resource: `${at('Runs')}/index/by-workspace`,
        may: [operator, auditor, breakGlass, doctor],
      },
      {
        what: 'read measurements and alarms',
        action: 'cloudwatch:GetMetricData',
        resource: '*',
        may: [operator, auditor, admin, breakGlass],
      },
      {
        what: 'read approvals, which hold the tokens that runs are resumed with',
        action: 'dynamodb:GetItem',
        resource: at('Approvals'),
        may: [
          'Gate/ApprovalPages',
          'Gate/CloseApproval',
          'Gate/DecideApproval',
          'Gate/ExplainApproval',
          'Gate/RequestApproval',
          'Gate/SendCallback',
          'Gate/TendApprovals',
          'Lifecycle/AuthorizeChange',
          'Lifecycle/BeginRun',
          'Runner/ApplyCredentials/Step',
          'StarterRecord/Step',
          ...applyWorkers,
          'Runner/AnsibleTask',
          'Runner/Script',
        ],
      },
    ]),
    ...group('State of Terraform', [
      {
        what: 'read that of its workspace',
        action: 's3:GetObject',
        resource: state(ownWorkspace),
        may: [lentToPlan, lentToApply, doctor],
      },
      {
        what: 'write that of its workspace',
        action: 's3:PutObject',
        resource: state(ownWorkspace),
        may: [lentToApply, doctor],
      },
      {
        what: 'read that of another',
        action: 's3:GetObject',
        resource: state(foreignWorkspace),
        may: [doctor],
      },
      {
        what: 'write that of another',
        action: 's3:PutObject',
        resource: state(foreignWorkspace),
        may: [doctor],
      },
      { what: 'delete it', action: 's3:DeleteObject', resource: state(ownWorkspace), may: [] },
      {
        what: 'keep it before it is destroyed',
        action: 's3:PutObject',
        resource: `${at('State')}/_final/${ownWorkspace}/r-1.tfstate`,
        may: [lentToApply],
      },
      {
        what: 'read what was kept',
        action: 's3:GetObject',
        resource: `${at('State')}/_final/${ownWorkspace}/r-1.tfstate`,
        may: [],
      },
      {
        what: 'delete what it was before',
        action: 's3:DeleteObjectVersion',
        resource: state(ownWorkspace),
        may: [],
      },
      {
        what: 'lock its workspace',
        action: 's3:PutObject',
        resource: `${state(ownWorkspace)}.tflock`,
        may: [lentToPlan, lentToApply],
      },
      {
        what: 'break the lock of another',
        action: 's3:DeleteObject',
        resource: `${state(foreignWorkspace)}.tflock`,
        may: [doctor],
      },
      {
        what: 'use its key',
        action: 'kms:Decrypt',
        resource: at('StateKey'),
        may: [lentToPlan, lentToApply],
      },
    ]),
    ...group('Plans and what is kept of runs', [
      {
        what: 'fetch a saved plan, which nobody reads without the key of states',
        action: 's3:GetObjectVersion',
        resource: artifact('runs/r/plan/d/plan.bin'),
        may: [
          'Gate/ApprovalPages',
          'Gate/DecideApproval',
          'Gate/RequestApproval',
          'Gate/TendApprovals',
          'Compliance/Step',
          'Lifecycle/AssessDrift',
          'Lifecycle/AuthorizeChange',
          'Lifecycle/BeginRun',
          'Lifecycle/ChooseCompensation',
          'Lifecycle/EndRun',
          'Runner/ApplyCredentials/Step',
          ...workers,
        ],
      },
      {
        what: 'say which plan the next is compared with',
        action: 's3:PutObject',
        resource: artifact('plans/p'),
        may: [...planWorkers, ...applyWorkers],
      },
      {
        what: 'write what a run leaves',
        action: 's3:PutObject',
        resource: artifact('runs/r/change.json'),
        may: ['Compliance/Step', 'FargateTask', 'Lifecycle/AssessDrift', 'Lifecycle/BindChange', ...workers],
      },
      {
        what: 'delete what a run left',
        action: 's3:DeleteObject',
        resource: artifact('runs/r/change.json'),
        may: [],
      },
      {
        what: 'read a rescued state',
        action: 's3:GetObject',
        resource: artifact('rescue/r'),
        may: [...planWorkers, doctor],
      },
      {
        what: 'bring a release',
        action: 's3:PutObject',
        resource: artifact('releases/r.tar.gz'),
        may: [operator],
      },
      {
        what: 'read a release',
        action: 's3:GetObject',
        resource: artifact('releases/r.tar.gz'),
        may: ['Runner/AnsibleTask'],
      },
      {
        what: 'use the key of all this',
        action: 'kms:Decrypt',
        resource: at('DataKey'),
        may: ['Channels/Route', 'Ledger/Archive', 'Runner/Image/Build'],
      },
    ]),
    ...group('Decisions', [
      {
        what: 'record a decision',
        action: 'dynamodb:UpdateItem',
        resource: at('Approvals'),
        context: { 'dynamodb:Attributes': ['approvalId', 'votes', 'status', 'expiresAt'] },
        may: [
          'Gate/CloseApproval',
          'Gate/DecideApproval',
          'Gate/RequestApproval',
          'Gate/SendCallback',
          'Gate/TendApprovals',
        ],
      },
      {
        what: 'ask for an approval',
        action: 'dynamodb:PutItem',
        resource: at('Approvals'),
        may: ['Gate/RequestApproval'],
      },
      { what: 'delete one', action: 'dynamodb:DeleteItem', resource: at('Approvals'), may: [] },
      {
        what: 'resume a waiting run',
        action: 'states:SendTaskSuccess',
        resource: '*',
        may: ['Gate/SendCallback'],
        forbidden: true,
      },
      {
        what: 'fail a waiting run',
        action: 'states:SendTaskFailure',
        resource: '*',
        may: ['Gate/SendCallback'],
        forbidden: true,
      },
      {
        what: 'wake the one that resumes',
        action: 'lambda:InvokeFunction',
        resource: at('Gate/SendCallback/Function'),
        may: [
          'Gate/CallbackSweep',
          'Gate/DecideApproval',
          'Gate/TendApprovals',
          'Lifecycle/AwaitLease',
          'Lifecycle/EndRun',
          'StarterRecord/Step',
          doctor,
        ],
      },
      {
        what: 'read the key that signs forms',
        action: 'secretsmanager:GetSecretValue',
        resource: at('PageSecret'),
        context: { 'secretsmanager:VersionStage': 'AWSCURRENT' },
        may: ['Gate/ApprovalPages', 'Gate/DecideApproval', rotation, 'SignIn/Step'],
      },
      {
        what: 'read a key for them that is not in force yet',
        action: 'secretsmanager:GetSecretValue',
        resource: at('PageSecret'),
        context: { 'secretsmanager:VersionStage': 'AWSPENDING' },
        may: [rotation],
      },
      ...(['PutSecretValue', 'UpdateSecretVersionStage'] as const).map((action) => ({
        what: {
          PutSecretValue: 'make the next key for them',
          UpdateSecretVersionStage: 'say which key for them is in force',
        }[action],
        action: `secretsmanager:${action}`,
        resource: at('PageSecret'),
        may: [rotation],
      })),
      {
        what: 'mail an approver',
        action: 'sns:Publish',
        resource: at('Approver-alex/Topic'),
        may: ['Gate/RequestApproval', 'Gate/TendApprovals'],
      },
    ]),
    ...group('Secrets of workspaces', [
      ...(['CreateSecret', 'GetSecretValue', 'PutSecretValue'] as const).map((action) => ({
        what: {
          CreateSecret: 'make a secret for a role',
          GetSecretValue: 'read a secret that a role made',
          PutSecretValue: 'change one',
        }[action],
        action: `secretsmanager:${action}`,
        resource: `${secrets}/workspaces/tenant-a/web/orders-a1b2c3`,
        may: action === 'CreateSecret' ? ['Runner/AnsibleTask'] : ['Runner/AnsibleTask', rotation],
      })),
      {
        what: 'say which version of one is current',
        action: 'secretsmanager:UpdateSecretVersionStage',
        resource: `${secrets}/workspaces/tenant-a/web/orders-a1b2c3`,
        may: [rotation],
      },
      {
        what: 'read another of this product by the same way',
        action: 'secretsmanager:GetSecretValue',
        resource: `${secrets}/other-a1b2c3`,
        may: [],
      },
      {
        what: 'delete one',
        action: 'secretsmanager:DeleteSecret',
        resource: `${secrets}/workspaces/tenant-a/web/orders-a1b2c3`,
        may: [],
      },
      {
        what: 'see how all stand, without a value',
        action: 'dynamodb:Scan',
        resource: at('Credentials'),
        may: ['Gate/ApprovalPages', 'CredentialWatch/Step', 'Rotation/List', operator, auditor, breakGlass],
      },
    ]),
    ...group('Signing in', [
      {
        what: 'read the secret of our client at the provider',
        action: 'secretsmanager:GetSecretValue',
        resource: at('SignIn/ClientSecret'),
        context: { 'secretsmanager:VersionStage': 'AWSCURRENT' },
        may: ['SignIn/Step'],
      },
      {
        what: 'say that somebody is signed in',
        action: 'dynamodb:PutItem',
        resource: at('SignIn/Sessions'),
        may: ['SignIn/Step'],
      },
      {
        what: 'change who is signed in',
        action: 'dynamodb:UpdateItem',
        resource: at('SignIn/Sessions'),
        may: [],
      },
      {
        what: 'end a session',
        action: 'dynamodb:DeleteItem',
        resource: at('SignIn/Sessions'),
        may: ['SignIn/Step', personalData],
      },
    ]),
    ...group('The record', [
      {
        what: 'append to the ledger',
        action: 'dynamodb:PutItem',
        resource: at('Ledger'),
        may: ledgerWriters,
      },
      { what: 'change an entry', action: 'dynamodb:UpdateItem', resource: at('Ledger'), may: [] },
      { what: 'delete an entry', action: 'dynamodb:DeleteItem', resource: at('Ledger'), may: [] },
      {
        what: 'make a reference for a person',
        action: 'dynamodb:PutItem',
        resource: at('People'),
        may: [...referring, personalData],
      },
      {
        what: 'read who stands behind a reference',
        action: 'dynamodb:GetItem',
        resource: at('People'),
        may: [...referring, personalData, 'Channels/Webhook-itsm/Deliver'],
      },
      {
        what: 'forget a person',
        action: 'dynamodb:DeleteItem',
        resource: at('People'),
        may: [personalData],
      },
      {
        what: 'read all runs from end to end',
        action: 'dynamodb:Scan',
        resource: at('Runs'),
        may: [personalData],
      },
      {
        what: 'copy to the audit bucket',
        action: 's3:PutObject',
        resource: `${at('Audit')}/ledger/e`,
        may: ['Ledger/Archive'],
      },
      {
        what: 'sign a checkpoint',
        action: 'kms:Sign',
        resource: at('LedgerKey'),
        may: ['Ledger/Checkpoint'],
        forbidden: true,
      },
      {
        what: 'publish a checkpoint',
        action: 's3:PutObject',
        resource: `${at('Audit')}/checkpoints/e/1`,
        may: ['Ledger/Checkpoint'],
      },
      {
        what: 'delete a checkpoint',
        action: 's3:DeleteObject',
        resource: `${at('Audit')}/checkpoints/e/1`,
        may: [],
      },
      { what: 'delete a copy', action: 's3:DeleteObject', resource: `${at('Audit')}/ledger/e`, may: [] },
      {
        what: 'delete a locked copy',
        action: 's3:BypassGovernanceRetention',
        resource: `${at('Audit')}/ledger/e`,
        may: [],
        forbidden: true,
      },
    ]),
    ...group('Runs', [
      {
        what: 'report that it works',
        action: 'dynamodb:UpdateItem',
        resource: at('Runs'),
        context: { 'dynamodb:Attributes': ['runId', 'worker'], 'dynamodb:ReturnValues': 'ALL_NEW' },
        may: [...lifecycle, ...workers],
      },
      {
        what: 'say which change a run may carry on',
        action: 'dynamodb:UpdateItem',
        resource: at('Runs'),
        context: { 'dynamodb:Attributes': ['runId', 'resumes'] },
        may: lifecycle,
      },
      {
        what: 'say who started a run',
        action: 'dynamodb:UpdateItem',
        resource: at('Runs'),
        context: { 'dynamodb:Attributes': ['runId', 'startedBy'] },
        may: [...lifecycle, 'StarterRecord/Step', personalData],
      },
      {
        what: 'give a workspace away',
        action: 'dynamodb:DeleteItem',
        resource: at('Leases'),
        may: ['Lifecycle/EndRun', 'Lifecycle/SetFreeze', doctor],
      },
      {
        what: 'write what is known of a workspace',
        action: 'dynamodb:UpdateItem',
        resource: at('Workspaces'),
        may: [
          'Compliance/Step',
          'Lifecycle/AcceptDrift',
          'Lifecycle/AssessDrift',
          'Lifecycle/BindChange',
          'Lifecycle/EndRun',
          'TimeToLive/Step',
        ],
      },
      {
        what: 'start a block',
        action: 'states:StartExecution',
        resource: at('TerraformApply/StateMachine'),
        may: ['Compensate', 'TerraformDestroy', 'VmProvisioning'],
      },
      {
        what: 'stop a block',
        action: 'states:StopExecution',
        resource: `${at('TerraformApply/StateMachine').replace(':stateMachine:', ':execution:')}:x`,
        may: ['Compensate', 'TerraformDestroy', 'VmProvisioning'],
      },
    ]),
    ...group('Becoming somebody', [
      {
        what: 'be lent what plans',
        action: 'sts:AssumeRole',
        resource: at('Runner/PlanCredentials/Lent'),
        context: asBrokersAsk,
        may: ['Runner/PlanCredentials/Step'],
      },
      {
        what: 'be lent what applies',
        action: 'sts:AssumeRole',
        resource: at('Runner/ApplyCredentials/Lent'),
        context: asBrokersAsk,
        may: ['Runner/ApplyCredentials/Step'],
      },
      {
        what: 'ask for what plans',
        action: 'lambda:InvokeFunction',
        resource: at('Runner/PlanCredentials/Step/Function'),
        may: planWorkers,
      },
      {
        what: 'ask for what applies',
        action: 'lambda:InvokeFunction',
        resource: at('Runner/ApplyCredentials/Step/Function'),
        may: applyWorkers,
      },
      {
        what: 'call the worker that applies',
        action: 'lambda:InvokeFunction',
        resource: at('Runner/Apply/Function'),
        may: ['TerraformApply'],
      },
      {
        what: 'run the task that applies',
        action: 'ecs:RunTask',
        resource: at('Runner/ApplyTask/Task'),
        context: { 'ecs:cluster': at('Runner/Cluster') },
        may: ['FargateTask'],
      },
      {
        what: 'hand its role to a task',
        action: 'iam:PassRole',
        resource: at('Runner/ApplyTask'),
        context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
        may: ['FargateTask'],
      },
      {
        what: 'hand the role that applies to a machine',
        action: 'iam:PassRole',
        resource: at('Runner/ApplyCredentials/Lent'),
        context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
        may: [],
      },
      {
        what: 'hand the role of hosts to a machine',
        action: 'iam:PassRole',
        resource: at('Runner/Host'),
        context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
        may: [lentToApply],
      },
      {
        what: 'become an operator, coming from another of these',
        action: 'sts:AssumeRole',
        resource: at(operator),
        may: [],
      },
      {
        what: 'become who breaks the glass, coming from another of these',
        action: 'sts:AssumeRole',
        resource: at(breakGlass),
        may: [],
      },
      {
        what: 'make a role',
        action: 'iam:CreateRole',
        resource: `arn:aws:iam::${account}:role/new`,
        may: [],
        forbidden: true,
      },
      {
        what: 'widen a role',
        action: 'iam:PutRolePolicy',
        resource: at('Runner/ApplyCredentials/Lent'),
        may: [],
        forbidden: true,
      },
      {
        what: 'destroy a key',
        action: 'kms:ScheduleKeyDeletion',
        resource: at('StateKey'),
        may: [],
        forbidden: true,
      },
    ]),
    ...group('Infrastructure', [
      {
        what: 'make a machine for its workspace',
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        context: { [`aws:RequestTag/${tag}`]: ownWorkspace },
        may: [lentToApply],
      },
      {
        what: 'make one for another',
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        context: { [`aws:RequestTag/${tag}`]: foreignWorkspace },
        may: [],
      },
      {
        what: 'make one in another region',
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        region: 'ap-south-1',
        context: { [`aws:RequestTag/${tag}`]: ownWorkspace },
        may: [],
        forbidden: true,
      },
      {
        what: 'destroy one of its workspace',
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        context: { [`aws:ResourceTag/${tag}`]: ownWorkspace },
        may: [lentToApply],
      },
      {
        what: 'destroy one of another',
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        context: { [`aws:ResourceTag/${tag}`]: foreignWorkspace },
        may: [],
      },
      {
        what: 'destroy one of nobody',
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        may: [],
      },
      {
        what: 'take one over by its tag',
        action: 'ec2:CreateTags',
        resource: ec2('instance/i-1'),
        context: {
          [`aws:ResourceTag/${tag}`]: foreignWorkspace,
          [`aws:RequestTag/${tag}`]: ownWorkspace,
          'aws:TagKeys': [tag],
        },
        may: [],
      },
      {
        what: 'log in to a host',
        action: 'ec2-instance-connect:SendSSHPublicKey',
        resource: ec2('instance/i-1'),
        context: { [`aws:ResourceTag/${tag}`]: ownWorkspace },
        may: ['Runner/AnsibleTask'],
      },
    ]),
  ];
};
