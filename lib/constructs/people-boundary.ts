import { Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { releasePrefix } from '../../lambdas/shared/release-store';
import { acknowledgeWildcards } from './nag-checks';
import { denied, refusedToEverybody } from './role-boundary';
import type { Stores } from './stores';

export interface PeopleBoundaryProps {
  readonly stores: Stores;
  readonly name: string;
  /** ARNs of the roles that they may go on to. @default none */
  readonly mayBecome?: readonly string[];
}

/** The most that a role of people holds, whatever its policies say: reading, starting, stopping, calling functions, and bringing releases. */
const people = [
  'cloudformation:DescribeStacks',
  'cloudwatch:Describe*',
  'cloudwatch:Get*',
  'cloudwatch:List*',
  'dynamodb:GetItem',
  'dynamodb:Query',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:GenerateDataKey',
  'kms:GetPublicKey',
  'lambda:InvokeFunction',
  'logs:DescribeLogStreams',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  's3:GetObject*',
  's3:ListBucket*',
  's3:PutObject',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'states:Describe*',
  'states:GetExecutionHistory',
  'states:List*',
  'states:StartExecution',
  'states:StopExecution',
];

/**
 * The permission boundary of people: they resume no run, write no table, no state and no record (but releases), see no secret and no
 * state, change no program and no identity, and become nobody else, however they were granted it. It holds for a
 * permission set of IAM Identity Center too, which names it.
 */
export class PeopleBoundary extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, { stores, name, mayBecome = [] }: PeopleBoundaryProps) {
    super(scope, id);
    const {
      artifactsBucket,
      stateBucket,
      stateKey,
      approvalsTable,
      credentialsTable,
      leasesTable,
      peopleTable,
    } = stores;
    this.policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: name,
      description: 'The most that a role of people may hold',
      statements: [
        new PolicyStatement({ sid: 'WhatPeopleDo', actions: people, resources: ['*'] }),
        new PolicyStatement({ actions: ['dynamodb:Scan'], resources: [credentialsTable.tableArn] }),
        ...(mayBecome.length > 0
          ? [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [...mayBecome] })]
          : []),
        denied('PeopleResumeNoRuns', ['states:SendTask*']),
        denied('PeopleSignNothing', ['kms:Sign']),
        new PolicyStatement({
          sid: 'PeopleBecomeNobodyElse',
          effect: Effect.DENY,
          actions: ['sts:AssumeRole*', 'iam:PassRole'],
          ...(mayBecome.length > 0 ? { notResources: [...mayBecome] } : { resources: ['*'] }),
        }),
        denied('PeopleWriteNoRecord', [
          'dynamodb:BatchWrite*',
          'dynamodb:Delete*',
          'dynamodb:PartiQL*',
          'dynamodb:Put*',
          'dynamodb:Restore*',
          'dynamodb:Update*',
          's3:Delete*',
          's3:Re*',
        ]),
        // A release is what its digest says: who overwrites one makes it unusable, and nothing else.
        new PolicyStatement({
          sid: 'PeopleWriteReleasesAlone',
          effect: Effect.DENY,
          actions: ['s3:Put*'],
          notResources: [artifactsBucket.arnForObjects(`${releasePrefix}*`)],
        }),
        denied('PeopleSeeNoSecrets', ['secretsmanager:*', 'ssm:*']),
        new PolicyStatement({
          sid: 'PeopleSeeNoStatesTokensOrNames',
          effect: Effect.DENY,
          actions: ['s3:*', 'kms:*', 'dynamodb:*'],
          resources: [
            stateBucket.bucketArn,
            stateBucket.arnForObjects('*'),
            stateKey.keyArn,
            ...[approvalsTable, leasesTable, peopleTable].flatMap(({ tableArn }) => [
              tableArn,
              `${tableArn}/*`,
            ]),
          ],
        }),
        denied('PeopleChangeNoProgram', [
          'events:*',
          'lambda:Add*',
          'lambda:Create*',
          'lambda:Delete*',
          'lambda:Put*',
          'lambda:Update*',
          'scheduler:*',
          'states:Create*',
          'states:Delete*',
          'states:GetActivityTask',
          'states:RedriveExecution',
          'states:TestState',
          'states:Update*',
        ]),
        ...refusedToEverybody(Stack.of(this).region),
      ],
    });
    acknowledgeWildcards(this.policy, {
      matching: /./,
      reason: 'A boundary grants nothing: it is the most that what a role is granted can amount to.',
    });
  }
}
