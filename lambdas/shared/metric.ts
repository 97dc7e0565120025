export interface MetricName {
  readonly namespace: string;
  readonly name: string;
}

export type Print = (line: string) => unknown;

interface Measured extends MetricName {
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
}

/**
 * Puts metrics of one namespace into one line of CloudWatch's embedded metric format: the log is where they come from.
 * With dimensions each counts twice: under them, and under none.
 */
export const putMetrics = (
  print: Print,
  metrics: readonly [Measured, ...Measured[]],
  now: Date,
  dimensions: Readonly<Record<string, string>> = {},
): void => {
  const names = Object.keys(dimensions);
  print(
    `${JSON.stringify({
      _aws: {
        Timestamp: now.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: metrics[0].namespace,
            Dimensions: names.length === 0 ? [[]] : [[], names],
            Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
          },
        ],
      },
      ...dimensions,
      ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
    })}\n`,
  );
};

/** Counts in one line of the log. */
export const countMetric = (print: Print, metric: MetricName, now: Date, count = 1): void =>
  putMetrics(print, [{ ...metric, unit: 'Count', value: count }], now);
