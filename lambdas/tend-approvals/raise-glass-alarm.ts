import { glassMetric } from './contract';

/** One line of CloudWatch's embedded metric format: the log is where the metric comes from. */
export const raiseGlassAlarm = (print: (line: string) => unknown, now: Date): void => {
  print(
    `${JSON.stringify({
      _aws: {
        Timestamp: now.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: glassMetric.namespace,
            Dimensions: [[]],
            Metrics: [{ Name: glassMetric.name, Unit: 'Count' }],
          },
        ],
      },
      [glassMetric.name]: 1,
    })}\n`,
  );
};
