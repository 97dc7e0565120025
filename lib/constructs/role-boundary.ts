import { CfnResource, Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { acknowledgeWildcards } from './nag-checks';

/**
 * What a role is there for, where that is more than running a step: `resume` wakes waiting runs, `lend` assumes the
 * roles that are lent, `attest` signs the ledger, `infrastructure` makes and destroys what modules describe.
 */
export type Duty = 'resume' | 'lend' | 'attest' | 'infrastructure';

export interface RoleBoundaryProps {
  /** The roles, or what holds them, by their duty; every other role of the stack has none. */
  readonly duties: Readonly<Partial<Record<Duty, readonly IConstruct[]>>>;
}

/** The most that any role holds, whatever its policies say. */
const product = [
  'codebuild:BatchGetBuilds',
  'codebuild:BatchPut*',
  'codebuild:CreateReport*',
  'codebuild:StartBuild',
  'codebuild:UpdateReport',
  'dynamodb:*Item',
  'dynamodb:Describe*',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
  'dynamodb:Query',
  'dynamodb:Scan',
  'ec2-instance-connect:SendSSHPublicKey',
  'ec2:*NetworkInterface',
  'ec2:*PrivateIpAddresses',
  'ec2:Describe*',
  'ec2:GetConsoleOutput',
  'ecr:*Layer*',
  'ecr:BatchGetImage',
  'ecr:DescribeImages',
  'ecr:GetAuthorizationToken',
  'ecr:PutImage',
  'ecs:DescribeTasks',
  'ecs:RunTask',
  'ecs:StopTask',
  'ecs:TagResource',
  'events:DescribeRule',
  'events:PutRule',
  'events:PutTargets',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
  'lambda:InvokeFunction',
  'logs:*LogDeliver*',
  'logs:Create*',
  'logs:Describe*',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'logs:PutLogEvents',
  'logs:PutResourcePolicy',
  's3:DeleteObject',
  's3:Get*',
  's3:List*',
  's3:PutObject',
  'secretsmanager:CreateSecret',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:ListSecrets',
  'secretsmanager:PutSecretValue',
  'secretsmanager:TagResource',
  'secretsmanager:UpdateSecretVersionStage',
  'sns:GetTopicAttributes',
  'sns:Publish',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueue*',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'ssm:UpdateInstanceInformation',
  'ssmmessages:*Channel',
  'states:Describe*',
  'states:StartExecution',
  'states:StopExecution',
  'xray:*',
];

const byDuty: Readonly<Record<Duty, readonly string[]>> = {
  resume: ['states:SendTaskSuccess', 'states:SendTaskFailure'],
  lend: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
  attest: ['kms:GetPublicKey', 'kms:Sign'],
  infrastructure: ['ec2:*', 'rds:*', 's3:*'],
};

const allowed = (duty: Duty | undefined): PolicyStatement[] => [
  new PolicyStatement({
    sid: 'WhatTheProductDoes',
    actions: [...product, ...(duty ? byDuty[duty] : [])],
    resources: ['*'],
  }),
  new PolicyStatement({
    sid: 'RolesForWorkersAndHosts',
    actions: ['iam:PassRole'],
    resources: ['*'],
    conditions: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'] } },
  }),
];

export const denied = (sid: string, actions: string[]): PolicyStatement =>
  new PolicyStatement({ sid, effect: Effect.DENY, actions, resources: ['*'] });

/** What stays forbidden although some day a policy should allow it, and the list above should too. */
const refused = (duty: Duty | undefined, region: string): PolicyStatement[] => [
  ...(duty === 'resume' ? [] : [denied('NobodyElseResumesRuns', ['states:SendTask*'])]),
  ...(duty === 'lend' ? [] : [denied('NobodyElseBecomesAnother', ['sts:AssumeRole*'])]),
  ...(duty === 'attest' ? [] : [denied('NobodyElseSigns', ['kms:Sign'])]),
  ...refusedToEverybody(region),
];

/** What nobody does, function or person. */
export const refusedToEverybody = (region: string): PolicyStatement[] => [
  denied('NobodyChangesIdentities', [
    ...['Add', 'Attach', 'Create', 'Deactivate', 'Delete', 'Detach', 'Put', 'Remove', 'Set', 'Update'].map(
      (verb) => `iam:${verb}*`,
    ),
    'organizations:*',
    'account:*',
  ]),
  denied('NobodyShortensTheRecord', [
    'dynamodb:DeleteTable',
    's3:BypassGovernanceRetention',
    's3:PutBucketObjectLockConfiguration',
    's3:PutObjectLegalHold',
    's3:PutObjectRetention',
  ]),
  denied('NobodyTakesKeysAway', ['kms:DisableKey*', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']),
  new PolicyStatement({
    sid: 'NobodyLeavesTheRegion',
    effect: Effect.DENY,
    // These services answer in one place for all regions.
    notActions: ['iam:*', 'sts:*'],
    resources: ['*'],
    conditions: {
      StringNotEquals: { 'aws:RequestedRegion': region },
      Null: { 'aws:RequestedRegion': 'false' },
    },
  }),
];

const isRole = (node: IConstruct): boolean =>
  CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::IAM::Role';

const pascal = (duty: Duty): string => `${duty.charAt(0).toUpperCase()}${duty.slice(1)}`;

/**
 * The permission boundary of every role of the stack: whatever a policy grants some day, it counts only within this.
 * It is put on by an aspect, so that no role is forgotten, those of the CDK's own custom resources included.
 */
export class RoleBoundary extends Construct {
  constructor(scope: Construct, id: string, { duties }: RoleBoundaryProps) {
    super(scope, id);
    const stack = Stack.of(this);
    if (!stack.node.findAll().some(isRole)) return;
    PermissionsBoundary.of(stack).apply(this.policy('Policy'));
    for (const duty of Object.keys(byDuty) as Duty[]) {
      const holders = (duties[duty] ?? []).filter((one) => Stack.of(one) === stack);
      if (holders.length === 0) continue;
      const policy = this.policy(`${pascal(duty)}Policy`, duty);
      for (const holder of holders) PermissionsBoundary.of(holder).apply(policy);
    }
  }

  private policy(id: string, duty?: Duty): ManagedPolicy {
    const policy = new ManagedPolicy(this, id, {
      description: `The most that a role may hold${duty ? ` whose duty is: ${duty}` : ''}`,
      statements: [...allowed(duty), ...refused(duty, Stack.of(this).region)],
    });
    acknowledgeWildcards(policy, {
      matching: /./,
      reason: 'A boundary grants nothing: it is the most that what a role is granted can amount to.',
    });
    return policy;
  }
}
