export interface MetricName {
  readonly namespace: string;
  readonly name: string;
}

/** Counts in one line of CloudWatch's embedded metric format: the log is where the metric comes from. */
export const countMetric = (
  print: (line: string) => unknown,
  { namespace, name }: MetricName,
  now: Date,
  count = 1,
): void => {
  print(
    `${JSON.stringify({
      _aws: {
        Timestamp: now.getTime(),
        CloudWatchMetrics: [
          { Namespace: namespace, Dimensions: [[]], Metrics: [{ Name: name, Unit: 'Count' }] },
        ],
      },
      [name]: count,
    })}\n`,
  );
};
