import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allowItems, allowScanning } from './access';
import type { MailTopic } from './mail-topic';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';
import type { Workflow } from './workflow';

export interface TimeToLiveProps {
  readonly stores: Stores;
  /** Who hears that a workspace is about to end. */
  readonly news: MailTopic;
  readonly decommission: Workflow;
}

/** Warns before workspaces end, and starts their decommission when they do. */
export class TimeToLive extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, { stores, news, decommission }: TimeToLiveProps) {
    super(scope, id);
    const { stateMachineArn } = decommission.stateMachine;
    this.step = new StepFunction(this, 'Step', {
      step: 'tend-time-to-live',
      environment: {
        WORKSPACES_TABLE: stores.workspacesTable.tableName,
        LEDGER_TABLE: stores.ledgerTable.tableName,
        NOTIFICATION_TOPIC_ARN: news.topic.topicArn,
        DECOMMISSION_ARN: stateMachineArn,
      },
      timeout: Duration.minutes(2),
      invokedAsynchronously: true,
    });
    allowScanning(this.step, stores.workspacesTable, ['workspace', 'timeToLive']);
    allowItems(this.step, stores.workspacesTable, ['GetItem', 'UpdateItem']);
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem']);
    news.allowPublishing(this.step);
    this.step.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
    );
    new Sweep(this, 'Sweep', {
      step: this.step,
      every: Duration.minutes(15),
      description: 'Warns before workspaces end, and starts their decommission',
    });
  }
}
