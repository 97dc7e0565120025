import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import {
  allowIndex,
  allowInvoking,
  allowItems,
  allowMissing,
  allowReading,
  allowReferring,
  allowWriting,
} from './access';
import type { MailTopic } from './mail-topic';
import { acknowledgeWildcards } from './nag-checks';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';
import type { Workflow } from './workflow';

export interface RunLifecycleProps {
  readonly stores: Stores;
  /** Who hears how runs end. */
  readonly news: MailTopic;
  /** Wakes runs that wait. */
  readonly sendCallback: StepFunction;
  /** Identities whose tasks run on Fargate too. */
  readonly onFargate: readonly string[];
  /** Workflows that can wait for their workspace. */
  readonly waiting: readonly string[];
  /** How many workspaces of a tenant runs may hold at once. */
  readonly concurrency: EnvironmentConfig['concurrency'];
  /** The longest time to live that a workspace may be given. */
  readonly mostTimeToLiveHours: number;
}

/** The steps that every workflow begins and ends with, and that bind and authorize what lies between. */
export class RunLifecycle extends Construct {
  readonly beginRun: StepFunction;
  readonly awaitLease: StepFunction;
  readonly bindChange: StepFunction;
  readonly authorizeChange: StepFunction;
  readonly endRun: StepFunction;
  readonly notify: StepFunction;
  readonly setFreeze: StepFunction;
  readonly assessDrift: StepFunction;
  readonly chooseCompensation: StepFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RunLifecycleProps,
  ) {
    super(scope, id);
    const { stores } = props;
    const tables = {
      RUNS_TABLE: stores.runsTable.tableName,
      LEDGER_TABLE: stores.ledgerTable.tableName,
    };
    const people = { PEOPLE_TABLE: stores.peopleTable.tableName };
    const leases = { LEASES_TABLE: stores.leasesTable.tableName };
    const caps = { CONCURRENCY: JSON.stringify(props.concurrency) };
    const waking = { SEND_CALLBACK_FUNCTION: props.sendCallback.function.functionName };

    const artifacts = { ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName };
    const workspaces = { WORKSPACES_TABLE: stores.workspacesTable.tableName };
    this.beginRun = new StepFunction(this, 'BeginRun', {
      step: 'begin-run',
      environment: {
        ...tables,
        ...people,
        ...leases,
        ...caps,
        ...workspaces,
        ...artifacts,
        APPROVALS_TABLE: stores.approvalsTable.tableName,
        ON_FARGATE: props.onFargate.join(',') || 'none',
        WAITING_WORKFLOWS: props.waiting.join(','),
        MOST_TIME_TO_LIVE_HOURS: String(props.mostTimeToLiveHours),
      },
    });
    // A run that is resumed: its change, its approval, how far it came, and what was planned since.
    allowItems(this.beginRun, stores.approvalsTable, ['GetItem']);
    allowItems(this.beginRun, stores.workspacesTable, ['GetItem']);
    allowReading(this.beginRun, stores.artifactsBucket, 'runs/');
    allowMissing(this.beginRun, stores.artifactsBucket, 'runs/');
    allowItems(this.beginRun, stores.runsTable, ['ConditionCheckItem', 'GetItem', 'PutItem', 'UpdateItem']);
    allowItems(this.beginRun, stores.leasesTable, ['GetItem', 'PutItem']);
    allowItems(this.beginRun, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.beginRun, stores.peopleTable, { keepsWords: false });

    this.awaitLease = new StepFunction(this, 'AwaitLease', {
      step: 'await-lease',
      environment: { ...tables, ...leases, ...caps, ...waking },
    });
    allowItems(this.awaitLease, stores.runsTable, ['ConditionCheckItem', 'GetItem']);
    // Where a cap was raised, it hands workspaces to those who waited before.
    allowItems(this.awaitLease, stores.leasesTable, ['GetItem', 'PutItem', 'UpdateItem']);
    allowItems(this.awaitLease, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowInvoking(this.awaitLease, props.sendCallback);

    this.bindChange = new StepFunction(this, 'BindChange', {
      step: 'bind-change',
      environment: { ...tables, ...workspaces, ...artifacts },
    });
    allowItems(this.bindChange, stores.runsTable, ['UpdateItem']);
    allowItems(this.bindChange, stores.workspacesTable, ['UpdateItem']);
    allowItems(this.bindChange, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowWriting(this.bindChange, stores.artifactsBucket, 'runs/');

    this.authorizeChange = new StepFunction(this, 'AuthorizeChange', {
      step: 'authorize-change',
      environment: {
        ...tables,
        ...people,
        ...leases,
        ...workspaces,
        ...artifacts,
        APPROVALS_TABLE: stores.approvalsTable.tableName,
      },
    });
    allowItems(this.authorizeChange, stores.approvalsTable, ['GetItem']);
    allowItems(this.authorizeChange, stores.runsTable, ['GetItem']);
    allowItems(this.authorizeChange, stores.leasesTable, ['GetItem']);
    allowItems(this.authorizeChange, stores.workspacesTable, ['GetItem']);
    allowItems(this.authorizeChange, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.authorizeChange, stores.peopleTable, { keepsWords: false });
    allowReading(this.authorizeChange, stores.artifactsBucket, 'runs/');

    this.endRun = new StepFunction(this, 'EndRun', {
      step: 'end-run',
      environment: { ...tables, ...leases, ...waking, ...workspaces, ...artifacts },
    });
    allowItems(this.endRun, stores.workspacesTable, ['GetItem', 'UpdateItem']);
    allowReading(this.endRun, stores.artifactsBucket, 'runs/');
    allowMissing(this.endRun, stores.artifactsBucket, 'runs/');
    allowItems(this.endRun, stores.runsTable, ['ConditionCheckItem', 'GetItem', 'UpdateItem']);
    // It hands the workspace to the run that waits for it first.
    allowItems(this.endRun, stores.leasesTable, ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem']);
    allowInvoking(this.endRun, props.sendCallback);
    allowItems(this.endRun, stores.ledgerTable, ['GetItem', 'PutItem']);

    this.setFreeze = new StepFunction(this, 'SetFreeze', {
      step: 'set-freeze',
      environment: { ...leases, ...people, LEDGER_TABLE: tables.LEDGER_TABLE },
    });
    allowItems(this.setFreeze, stores.leasesTable, ['PutItem', 'DeleteItem']);
    allowItems(this.setFreeze, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.setFreeze, stores.peopleTable, { keepsWords: true });

    this.assessDrift = new StepFunction(this, 'AssessDrift', {
      step: 'assess-drift',
      environment: { ...workspaces, ...artifacts, LEDGER_TABLE: tables.LEDGER_TABLE },
    });
    allowItems(this.assessDrift, stores.workspacesTable, ['GetItem', 'UpdateItem']);
    allowReading(this.assessDrift, stores.artifactsBucket, 'runs/');
    allowWriting(this.assessDrift, stores.artifactsBucket, 'runs/');
    allowItems(this.assessDrift, stores.ledgerTable, ['GetItem', 'PutItem']);

    const acceptDrift = new StepFunction(this, 'AcceptDrift', {
      step: 'accept-drift',
      environment: { ...workspaces, ...people, LEDGER_TABLE: tables.LEDGER_TABLE },
    });
    allowItems(acceptDrift, stores.workspacesTable, ['GetItem', 'UpdateItem']);
    allowReading(acceptDrift, stores.artifactsBucket, 'runs/*/drift.json');
    acknowledgeWildcards(acceptDrift, {
      matching: /\/runs\/\*\/drift\.json\*$/,
      reason: 'One kind of object of runs, whose ids are made at run time.',
    });
    allowItems(acceptDrift, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(acceptDrift, stores.peopleTable, { keepsWords: true });

    this.chooseCompensation = new StepFunction(this, 'ChooseCompensation', {
      step: 'choose-compensation',
      environment: { ...workspaces, ...artifacts, RUNS_TABLE: tables.RUNS_TABLE },
    });
    allowItems(this.chooseCompensation, stores.runsTable, ['GetItem']);
    allowItems(this.chooseCompensation, stores.workspacesTable, ['GetItem']);
    allowReading(this.chooseCompensation, stores.artifactsBucket, 'runs/');
    allowMissing(this.chooseCompensation, stores.artifactsBucket, 'runs/');

    this.notify = new StepFunction(this, 'Notify', {
      step: 'notify',
      environment: { NOTIFICATION_TOPIC_ARN: props.news.topic.topicArn },
    });
    props.news.allowPublishing(this.notify);
  }

  /** Ends runs of these workflows that ended without recording it. */
  reconcile(workflows: readonly Workflow[], closeApproval: StepFunction): void {
    const { stores } = this.props;
    const reconcileRun = new StepFunction(this, 'ReconcileRun', {
      step: 'reconcile-run',
      environment: {
        RUNS_TABLE: stores.runsTable.tableName,
        CLOSE_APPROVAL_FUNCTION: closeApproval.function.functionName,
        END_RUN_FUNCTION: this.endRun.function.functionName,
        NOTIFY_FUNCTION: this.notify.function.functionName,
      },
      // It waits up to a minute for a worker to stop its tool.
      timeout: Duration.minutes(2),
      invokedAsynchronously: true,
    });
    allowItems(reconcileRun, stores.runsTable, ['GetItem', 'UpdateItem']);
    allowIndex(reconcileRun, stores.runsTable, 'open-runs');
    allowInvoking(reconcileRun, closeApproval, this.endRun, this.notify);
    reconcileRun.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:DescribeExecution'],
        resources: workflows.map((workflow) => workflow.executionArn('*')),
      }),
    );
    acknowledgeWildcards(reconcileRun, {
      matching: /:execution:/,
      reason: 'It asks how executions stand, whose names are chosen at run time.',
    });
    new Rule(this, 'RunEnded', {
      description: 'Runs that ended without a catch: stopped, timed out, or failed while recording',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['ABORTED', 'TIMED_OUT', 'FAILED'],
          stateMachineArn: workflows.map(({ stateMachine }) => stateMachine.stateMachineArn),
        },
      },
      targets: [new LambdaFunction(reconcileRun.function)],
    });
    new Sweep(this, 'ReconcileSweep', {
      step: reconcileRun,
      every: Duration.minutes(5),
      description: 'Ends runs whose end nobody recorded',
    });
  }
}
