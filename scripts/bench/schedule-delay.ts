import { setTimeout as sleep } from 'node:timers/promises';
import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { scheduleOnce, targetOfSchedule } from '../../local/schedules';
import type { BenchPlatform } from './bench-platform';
import { table, verdict } from './report-parts';
import { percentile } from './statistics';

export interface ScheduleFigures {
  readonly starts: number;
  /** From the second that a schedule names to the start of its run, in milliseconds. */
  readonly delay: { readonly p50: number; readonly p99: number; readonly max: number };
}

const starts = 60;
const giveUpMs = 60_000;
const prefix = 'bench-schedule';

/** One start a second for a minute, each by a schedule of its own, with the target of a deployed one. */
export const measureSchedules = async (
  { platform: { gatewayUrl }, outputs, stepFunctions, signal }: BenchPlatform,
  note: (text: string) => void,
): Promise<ScheduleFigures> => {
  const stateMachineArn = outputs.stateMachines['drift-check'];
  const target = await targetOfSchedule(gatewayUrl, 'nightly-drift');
  const begin = Math.ceil(Date.now() / 1000) * 1000 + 10_000;
  const dueOf = (index: number): number => begin + index * 1000;
  for (let index = 0; index < starts; index++)
    await scheduleOnce(gatewayUrl, {
      name: `${prefix}-${index}`,
      at: new Date(dueOf(index)),
      target: {
        ...target,
        Input: target.Input.replace('"nightly-drift-<', `"${prefix}-${index}-<`).replace(
          'demo/web-01',
          `bench/schedule-${index}`,
        ),
      },
    });
  const begun = async (): Promise<number[]> => {
    const delays: number[] = [];
    for await (const { executions = [] } of paginateListExecutions(
      { client: stepFunctions },
      { stateMachineArn },
    ))
      for (const { name = '', startDate } of executions) {
        const index = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
        if (index !== undefined && startDate) delays.push(startDate.getTime() - dueOf(Number(index)));
      }
    return delays;
  };
  const deadline = dueOf(starts) + giveUpMs;
  let delays: number[] = [];
  while (delays.length < starts && Date.now() < deadline) {
    await sleep(2000, undefined, { signal });
    delays = await begun();
    note(`${delays.length} of ${starts} have begun`);
  }
  if (delays.length !== starts) throw new Error(`${delays.length} of ${starts} schedules started a run.`);
  return {
    starts,
    delay: { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99), max: Math.max(...delays) },
  };
};

export const describeSchedules = ({ starts: count, delay }: ScheduleFigures): string => `## Schedules

From the second that a schedule names to the start of its run, of ${count} schedules that start one run a second.
**Target** p99 below 5 s: ${verdict(delay.p99 < 5000)}.

${table(
  ['starts', 'p50', 'p99', 'longest'],
  [[String(count), `${delay.p50} ms`, `${delay.p99} ms`, `${delay.max} ms`]],
)}

The local platform looks every half second for what is due; unchanged, its emulator looks every ten. On AWS a start comes
within the minute that the schedule names, since that is the precision of EventBridge Scheduler: these figures are of this
platform and of our side alone, and promise nothing about AWS.
`;
