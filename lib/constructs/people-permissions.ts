import { Stack } from 'aws-cdk-lib';
import { type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { releasePrefix } from '../../lambdas/shared/release-store';
import type { PeopleRole } from '../config/access';
import { allowIndex, allowInvoking, allowObjects, allowReadingItems, allowReadingLocked } from './access';
import type { DeadLetters } from './dead-letters';
import { acknowledgeWildcards } from './nag-checks';
import type { StepFunction } from './step-function';
import type { Stores } from './stores';
import type { Workflow } from './workflow';

/** What people may do something with. */
export interface PeopleReach {
  readonly stores: Stores;
  /** Workflows that begin runs. */
  readonly started: readonly Workflow[];
  /** The one that freezes and thaws. */
  readonly setFreeze: Workflow;
  readonly workflows: readonly Workflow[];
  readonly explainApproval: StepFunction;
  readonly setDelegation: StepFunction;
  /** The one that tells what is held of a person, and erases it. */
  readonly personalData: StepFunction;
  readonly lockDoctor: StepFunction;
  /** What could not be delivered. */
  readonly deadLetters: readonly DeadLetters[];
}

const allow = (policy: ManagedPolicy, actions: string[], resources: readonly string[]): void => {
  if (resources.length > 0) policy.addStatements(new PolicyStatement({ actions, resources: [...resources] }));
};

const machinesOf = (workflows: readonly Workflow[]): string[] =>
  workflows.map(({ stateMachine }) => stateMachine.stateMachineArn);
const executionsOf = (workflows: readonly Workflow[]): string[] =>
  workflows.map((workflow) => workflow.executionArn('*'));

/** How every execution stands, and the histories of some. */
const follow = (
  policy: ManagedPolicy,
  { workflows }: PeopleReach,
  histories: readonly Workflow[] = workflows,
): void => {
  allow(policy, ['states:DescribeExecution'], executionsOf(workflows));
  allow(policy, ['states:GetExecutionHistory'], executionsOf(histories));
  allow(policy, ['states:DescribeStateMachine', 'states:ListExecutions'], machinesOf(workflows));
};

/** Runs, and not the blocks that they call: those stop with them. */
const stop = (policy: ManagedPolicy, { started }: PeopleReach): void =>
  allow(policy, ['states:StopExecution'], executionsOf(started));

const readRuns = (policy: ManagedPolicy, { stores }: PeopleReach): void => {
  allowReadingItems(policy, stores.runsTable, ['GetItem']);
  allowIndex(policy, stores.runsTable, 'by-workspace');
};

/** How each credential stands; no secret is in it. */
const readCredentials = (policy: ManagedPolicy, { stores }: PeopleReach): void =>
  allowReadingItems(policy, stores.credentialsTable, ['Scan']);

/** What was found and what tools said, without secrets: no plan, and nothing that a task worked with. */
const readReports = (policy: ManagedPolicy, { stores }: PeopleReach): void => {
  for (const report of ['compliance.json', 'compliance-report.*', 'drift.json', 'logs/*.log'])
    allowObjects(policy, stores.artifactsBucket, `runs/*/${report}`, ['GetObject']);
};

const readRecord = (policy: ManagedPolicy, { stores }: PeopleReach): void => {
  allowReadingItems(policy, stores.ledgerTable, ['GetItem', 'Query']);
  allow(policy, ['kms:GetPublicKey'], [stores.ledgerKey.keyArn]);
  for (const prefix of ['ledger/', 'checkpoints/']) allowReadingLocked(policy, stores.auditBucket, prefix);
};

const readMeasurements = (policy: ManagedPolicy): void =>
  allow(
    policy,
    ['DescribeAlarms', 'GetDashboard', 'GetMetricData', 'ListDashboards', 'ListMetrics'].map(
      (action) => `cloudwatch:${action}`,
    ),
    ['*'],
  );

const readLogs = (policy: ManagedPolicy): void => {
  const { partition, region, account, stackName } = Stack.of(policy);
  allow(
    policy,
    ['logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents'],
    [`arn:${partition}:logs:${region}:${account}:log-group:${stackName}-*:*`],
  );
};

const lookAtDeadLetters = (policy: ManagedPolicy, { deadLetters }: PeopleReach): void =>
  allow(
    policy,
    ['sqs:ChangeMessageVisibility', 'sqs:ReceiveMessage'],
    deadLetters.map(({ queue }) => queue.queueArn),
  );

const takeOut = (policy: ManagedPolicy, letters: readonly DeadLetters[]): void =>
  allow(
    policy,
    ['sqs:DeleteMessage'],
    letters.map(({ queue }) => queue.queueArn),
  );

/** Who may start workflows may start those that the clock could not. */
const replayStarts = (policy: ManagedPolicy, { deadLetters }: PeopleReach): void =>
  takeOut(
    policy,
    deadLetters.filter(({ again }) => again === 'start'),
  );

/**
 * Whoever may put messages and events back may also make some up, e.g. one that names somebody else as a run's starter:
 * who deploys could do so anyway.
 */
const replayDeadLetters = (policy: ManagedPolicy, reach: PeopleReach): void => {
  lookAtDeadLetters(policy, reach);
  const chances = reach.deadLetters.flatMap(({ again }) => (again && again !== 'start' ? [again] : []));
  takeOut(
    policy,
    reach.deadLetters.filter(({ again }) => again !== 'start'),
  );
  allow(
    policy,
    ['sqs:SendMessage'],
    chances.flatMap((again) => ('queue' in again ? [again.queue.queueArn] : [])),
  );
  allowInvoking(policy, ...chances.flatMap((again) => ('step' in again ? [again.step] : [])));
};

/** Where everything is: the outputs of the deployment. */
const readOutputs = (policy: ManagedPolicy): void => {
  const stack = Stack.of(policy);
  const resourceName = `${stack.stackName}/*`;
  allow(
    policy,
    ['cloudformation:DescribeStacks'],
    [stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName })],
  );
};

const own: Readonly<Record<PeopleRole, (policy: ManagedPolicy, reach: PeopleReach) => void>> = {
  operator: (policy, reach) => {
    const begun = [...reach.started, reach.setFreeze];
    allow(policy, ['states:StartExecution'], machinesOf(begun));
    stop(policy, reach);
    // Not of the gate: its history holds the token that a decision resumes a run with.
    follow(policy, reach, begun);
    readRuns(policy, reach);
    readCredentials(policy, reach);
    readReports(policy, reach);
    allowObjects(policy, reach.stores.artifactsBucket, `${releasePrefix}*`, ['PutObject']);
    allowInvoking(policy, reach.explainApproval, reach.lockDoctor);
    readMeasurements(policy);
    lookAtDeadLetters(policy, reach);
    replayStarts(policy, reach);
  },
  approver: (policy, { explainApproval }) => allowInvoking(policy, explainApproval),
  auditor: (policy, reach) => {
    readRecord(policy, reach);
    readRuns(policy, reach);
    readCredentials(policy, reach);
    allowInvoking(policy, reach.explainApproval);
    readMeasurements(policy);
  },
  admin: (policy, reach) => {
    allowInvoking(policy, reach.explainApproval, reach.setDelegation, reach.personalData);
    readMeasurements(policy);
    replayDeadLetters(policy, reach);
  },
  'break-glass': (policy, reach) => {
    allow(policy, ['states:StartExecution'], machinesOf([reach.setFreeze]));
    stop(policy, reach);
    follow(policy, reach);
    readRuns(policy, reach);
    readCredentials(policy, reach);
    allowIndex(policy, reach.stores.runsTable, 'open-runs');
    allowReadingItems(policy, reach.stores.workspacesTable, ['GetItem']);
    readReports(policy, reach);
    readRecord(policy, reach);
    readLogs(policy);
    allowInvoking(policy, reach.explainApproval, reach.lockDoctor);
    readMeasurements(policy);
    lookAtDeadLetters(policy, reach);
  },
};

/** Grants what people of this role do. */
export const allowAs = (role: PeopleRole, policy: ManagedPolicy, reach: PeopleReach): void => {
  readOutputs(policy);
  own[role](policy, reach);
  acknowledgeWildcards(
    policy,
    { matching: /^Resource::\*$/, reason: 'CloudWatch’s reading actions take no resource.' },
    {
      matching: /:execution:|:stack\//,
      reason: 'Executions and deployments have ids that are made at run time.',
    },
    { matching: /\/releases\/\*$/, reason: 'A release is called by its digest.' },
    { matching: /:log-group:/, reason: 'The log groups of this stack, whose names CloudFormation makes.' },
    {
      matching: /\/(?:runs\/\*\/.+|ledger\/\*|checkpoints\/\*)$/,
      reason: 'Reports of runs and copies of entries: their keys carry ids that are made at run time.',
    },
  );
};
