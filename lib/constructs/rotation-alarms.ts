import { Duration } from 'aws-cdk-lib';
import {
  type AlarmProps,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
  SingleValueWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { credentialMetrics, rotationMetrics } from '../../lambdas/watch-credentials/contract';

/** How often credentials are looked at. */
export const lookEvery = Duration.minutes(15);

const page = 'docs/runbooks/secret-rotation.md';

type Counted =
  | (typeof credentialMetrics)[keyof typeof credentialMetrics]
  | (typeof rotationMetrics)[keyof typeof rotationMetrics];
const measured = ({ namespace, name: metricName }: Counted, statistic: string, period: Duration): Metric =>
  new Metric({ namespace, metricName, statistic, period });
/** As they stood last; two looks fall into a period, so that one that fails is no gap. */
const standing = (counted: Counted): Metric => measured(counted, 'Maximum', Duration.minutes(30));

export interface RotationAlarm extends Partial<Pick<AlarmProps, 'treatMissingData' | 'evaluationPeriods'>> {
  readonly id: string;
  readonly metric: IMetric;
  readonly description: string;
}

/** Each says what it means, what to do, and where that is written down. Thresholds: docs/secret-rotation.md. */
export const rotationAlarms = (): RotationAlarm[] => [
  {
    id: 'CredentialsOverdue',
    metric: standing(credentialMetrics.overdue),
    description: `A credential is two nights past its date, or nobody looked for an hour. See the page Credentials, then the last run of secret-rotation. ${page}#overdue`,
    // Nothing told is the worst news here: then nobody would notice any of the others either.
    treatMissingData: TreatMissingData.BREACHING,
    evaluationPeriods: 2,
  },
  {
    id: 'RotationFailed',
    metric: measured(rotationMetrics.failed, 'Sum', Duration.minutes(5)),
    description: `A rotation was abandoned or rolled back; what consumers have still works. The page Credentials has the error and what to do. ${page}#failed`,
  },
  {
    id: 'RotationStuck',
    metric: standing(credentialMetrics.stuck),
    description: `A rotation did not move for longer than it may, or neither version signs in. Start secret-rotation: it goes on where it stands. ${page}#stuck`,
  },
  {
    id: 'RotationRetryStorm',
    metric: standing(credentialMetrics.storming),
    description: `A credential was tried more than three times without success, so that more tries will not help. Remove the cause first. ${page}#retry-storm`,
  },
];

/** A line for each strategy, those that come later too. */
const byStrategy = ({ namespace, name }: Counted, statistic: string): MathExpression =>
  new MathExpression({
    expression: `SEARCH('{${namespace},Strategy} MetricName="${name}"', '${statistic}', 3600)`,
    usingMetrics: {},
    label: '',
    period: Duration.hours(1),
  });

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: 8 });

/** How credentials stand, the life cycle over time, and a line for each strategy. */
export const rotationWidgets = (): IWidget[][] => [
  [
    new SingleValueWidget({
      title: 'Credentials now',
      metrics: Object.values(credentialMetrics).map(standing),
      width: 24,
      height: 3,
    }),
  ],
  [
    graph('Life cycle of credentials', [
      standing(credentialMetrics.due),
      standing(credentialMetrics.inFlight),
      standing(credentialMetrics.overdue),
      standing(credentialMetrics.stuck),
      standing(credentialMetrics.failing),
    ]),
    graph('Rotated, failed and repeated', [
      measured(rotationMetrics.completed, 'Sum', Duration.hours(1)),
      measured(rotationMetrics.failed, 'Sum', Duration.hours(1)),
      measured(rotationMetrics.repeated, 'Sum', Duration.hours(1)),
    ]),
    graph('Age of the oldest', [standing(credentialMetrics.oldest)]),
  ],
  [
    graph('Rotated, by strategy', [byStrategy(rotationMetrics.completed, 'Sum')]),
    graph('Failed, by strategy', [byStrategy(rotationMetrics.failed, 'Sum')]),
    graph('Seconds until confirmed, by strategy', [byStrategy(rotationMetrics.seconds, 'p90')]),
  ],
];
