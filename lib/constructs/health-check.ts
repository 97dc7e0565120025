import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { MailTopic } from './mail-topic';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface HealthCheckProps {
  readonly stores: Stores;
  /** Whose subscription must be there for a run to reach somebody. */
  readonly topics: readonly MailTopic[];
  readonly stateMachine: IStateMachine;
  /** What is deployed, so that a person can tell which code answers. */
  readonly release: { readonly version: string; readonly commit: string };
}

/** `GET /api/health`: describes what the product depends on, and may do nothing else with it. */
export class HealthCheck extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, { stores, topics, stateMachine, release }: HealthCheckProps) {
    super(scope, id);
    this.step = new StepFunction(this, 'Step', {
      step: 'health',
      environment: {
        VERSION: release.version,
        COMMIT: release.commit,
        RUNS_TABLE: stores.runsTable.tableName,
        ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName,
        STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        TOPICS: JSON.stringify(topics.map(({ topic, people }) => ({ arn: topic.topicArn, people }))),
        KEY_ARN: stores.dataKey.keyArn,
        SIGNING_SECRET_ARN: stores.pageSecret.secretArn,
      },
    });
    const describe: readonly [string, string[]][] = [
      ['dynamodb:DescribeTable', [stores.runsTable.tableArn]],
      ['s3:ListBucket', [stores.artifactsBucket.bucketArn]],
      ['states:DescribeStateMachine', [stateMachine.stateMachineArn]],
      ['sns:GetTopicAttributes', topics.map(({ topic }) => topic.topicArn)],
      ['kms:DescribeKey', [stores.dataKey.keyArn]],
      ['secretsmanager:DescribeSecret', [stores.pageSecret.secretArn]],
    ];
    for (const [action, resources] of describe)
      this.step.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [action], resources }));
  }
}
