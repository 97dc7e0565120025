import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { brokenMetric, currentMetric, witnessMetric } from '../../lambdas/checkpoint-ledger/contract';
import { glassMetric } from '../../lambdas/tend-approvals/contract';
import type { EnvironmentConfig } from '../config/schema';
import { rotationAlarms, rotationWidgets } from '../constructs/rotation-alarms';

export interface ObservabilityStackProps extends StackProps {
  readonly config: Pick<EnvironmentConfig, 'name' | 'alarmEmails' | 'ledger'>;
  /** By the name that people know, e.g. `vm-provisioning`. */
  readonly stateMachines: Readonly<Record<string, IStateMachine>>;
  /** By the name of the step. */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** By what could not be delivered. */
  readonly deadLetterQueues: Readonly<Record<string, IQueue>>;
}

const period = Duration.minutes(5);
const options = { period, statistic: 'Sum' } as const;

/** What functions count in their logs. */
const counted = (
  { namespace, name: metricName }: typeof glassMetric | typeof brokenMetric,
  within = period,
): Metric => new Metric({ namespace, metricName, statistic: 'Sum', period: within });

/** Alarms on runs, functions and dead letters, told to one topic, and a dashboard of the same metrics. */
export class ObservabilityStack extends Stack {
  readonly alarmTopic: Topic;

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    this.alarmTopic = this.topic(props.config.alarmEmails);

    const runs: IMetric[] = [];
    for (const [name, machine] of Object.entries(props.stateMachines)) {
      const metrics = {
        Failed: machine.metricFailed(options),
        TimedOut: machine.metricTimedOut(options),
        Aborted: machine.metricAborted(options),
        Throttled: machine.metricThrottled(options),
      };
      for (const [what, metric] of Object.entries(metrics))
        this.alarm(
          `${name}${what}`,
          metric,
          `Runs of ${name}: ${what}. Their records and the console say why.`,
        );
      runs.push(machine.metricStarted(options), metrics.Failed);
    }
    const errors = Object.entries(props.functions).map(([name, fn]) => {
      const metric = fn.metricErrors(options);
      this.alarm(`${name}Errors`, metric, `The function ${name} failed. Its log says why.`);
      return metric;
    });
    // Of the whole account: functions share its concurrency, so one that is throttled has others to thank.
    const throttles = new Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', ...options });
    this.alarm(
      'FunctionsThrottled',
      throttles,
      'Functions were throttled: raise the concurrency of the account.',
    );
    this.alarm(
      'GlassBroken',
      counted(glassMetric),
      'Somebody broke the glass of an approval: the mail to operations and the ledger say who, and why.',
    );
    this.ledgerAlarms(props.config.ledger);
    for (const { id, metric, description, ...other } of rotationAlarms())
      this.alarm(id, metric, description, other);
    const letters = Object.entries(props.deadLetterQueues).map(([name, queue]) => {
      const metric = queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
      this.alarm(
        `${name}DeadLetters`,
        metric,
        `${name}: messages could not be delivered and wait for a person.`,
      );
      return metric;
    });

    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [graph('Runs started and failed', runs), graph('Errors of functions', errors)],
        [graph('Functions throttled', [throttles]), graph('Dead letters', letters)],
        ...rotationWidgets(),
      ],
    });
  }

  private ledgerAlarms({ checkpointEvery, witnesses }: EnvironmentConfig['ledger']): void {
    this.alarm(
      'LedgerBroken',
      counted(brokenMetric),
      'A chain of the ledger is not what was signed before, or does not hold together. The log of checkpoint-ledger names tenant, entry and reason; docs/ledger.md says what to do.',
    );
    // Nothing told is the worst news here: whoever keeps the step from running is not to go unnoticed.
    this.alarm(
      'CheckpointOverdue',
      counted(currentMetric, Duration.minutes(Math.max(15, 3 * checkpointEvery))),
      'The ledger has entries that no checkpoint covers, for longer than it may. The log of checkpoint-ledger says why.',
      {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      },
    );
    if (witnesses.length > 0)
      this.alarm(
        'WitnessSilent',
        counted(witnessMetric),
        'A witness did not cosign a checkpoint of the ledger. The log of checkpoint-ledger names it and says why.',
        { evaluationPeriods: 3 },
      );
  }

  private topic(emails: readonly string[]): Topic {
    const key = new Key(this, 'AlarmKey', {
      description: 'Alarms of the orchestrator on their way to people',
      enableKeyRotation: true,
    });
    // CloudWatch publishes as itself; the key that SNS brings along cannot admit it.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const topic = new Topic(this, 'Alarms', { masterKey: key, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    for (const email of emails) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }

  private alarm(
    id: string,
    metric: IMetric,
    alarmDescription: string,
    other: Partial<Pick<AlarmProps, 'comparisonOperator' | 'evaluationPeriods' | 'treatMissingData'>> = {},
  ): void {
    const alarm = new Alarm(this, `${id}Alarm`, {
      metric,
      alarmDescription,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...other,
    });
    alarm.addAlarmAction(new SnsAction(this.alarmTopic));
  }
}
