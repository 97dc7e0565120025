import { Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { PrincipalRule } from '../../lambdas/record-starter/contract';
import { allowAttributes, allowInvoking, allowItems, allowReferring } from './access';
import type { knownPeople } from './approval-gate';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import type { Workflow } from './workflow';

/** What it changes of an approval: who asked, and the end of what nobody may ask for. No answer is among it. */
const starterAttributes = [
  'approvalId',
  'starter',
  'askedBy',
  'askedAt',
  'askRefusal',
  'status',
  'decidedAt',
  'callbackPending',
  'list',
  'listAt',
];

export interface StarterRecordProps {
  readonly stores: Stores;
  /** Wakes runs whose starter may not ask. */
  readonly sendCallback: StepFunction;
  /** Those that begin runs. */
  readonly workflows: readonly Workflow[];
  /** Who stands behind which identity. */
  readonly principals: readonly PrincipalRule[];
  readonly people: ReturnType<typeof knownPeople>;
  /** Roles of ours that start runs for others, by the system for whom they do. @default none */
  readonly ownStarters?: Readonly<Record<string, readonly IRole[]>>;
}

/**
 * Records who really started a run. CloudTrail's events reach the bus only where a trail of the account logs management
 * events that write; where none does, every starter stays unverified.
 */
export class StarterRecord extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, props: StarterRecordProps) {
    super(scope, id);
    const { stores, sendCallback, workflows, ownStarters = {} } = props;
    this.step = new StepFunction(this, 'Step', {
      step: 'record-starter',
      environment: {
        RUNS_TABLE: stores.runsTable.tableName,
        APPROVALS_TABLE: stores.approvalsTable.tableName,
        LEDGER_TABLE: stores.ledgerTable.tableName,
        PEOPLE_TABLE: stores.peopleTable.tableName,
        SEND_CALLBACK_FUNCTION: sendCallback.function.functionName,
        ACCOUNT_ID: Stack.of(this).account,
        PRINCIPALS: JSON.stringify(props.principals),
        PEOPLE: JSON.stringify(props.people),
        OWN_STARTERS: Stack.of(this).toJsonString(
          Object.entries(ownStarters).flatMap(([system, roles]) =>
            roles.map(({ roleName: role }) => ({ system, role })),
          ),
        ),
      },
      invokedAsynchronously: true,
    });
    allowItems(this.step, stores.runsTable, ['GetItem']);
    allowAttributes(this.step, stores.runsTable, ['runId', 'startedBy']);
    allowItems(this.step, stores.approvalsTable, ['GetItem']);
    allowAttributes(this.step, stores.approvalsTable, starterAttributes);
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.step, stores.peopleTable, { keepsWords: false });
    allowInvoking(this.step, sendCallback);
    new Rule(this, 'Started', {
      description: 'Who started a run, from CloudTrail',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['states.amazonaws.com'],
          eventName: ['StartExecution'],
          requestParameters: {
            stateMachineArn: workflows.map(({ stateMachine }) => stateMachine.stateMachineArn),
          },
        },
      },
      targets: [new LambdaFunction(this.step.function)],
    });
  }
}
