import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { makeLab } from '../evidence/lab';
import { localTarget } from '../evidence/local-target';
import { provideRotatedDatabase } from '../evidence/provide-database';
import type { BenchPlatform } from './bench-platform';
import { seconds, table, verdict } from './report-parts';
import { percentile } from './statistics';

/** Durations in seconds, one a rotation. */
export interface RotationFigures {
  /** Of the block `rotate-secret`. */
  readonly rotation: readonly number[];
  /** Of the run of `secret-rotation` around it. */
  readonly run: readonly number[];
}

const rotations = 30;
const place = { name: 'rotation', workspace: 'bench/rotation' };

/** Rotates the login of one database again and again, each to its end. */
export const measureRotation = async (
  bench: BenchPlatform,
  note: (text: string) => void,
): Promise<RotationFigures> => {
  const lab = makeLab(localTarget(bench));
  note('a machine with a database');
  const secret = await provideRotatedDatabase(lab, place, 'orders');
  // The first starts every function; it is not counted.
  for (let done = 0; done <= rotations; done++) {
    note(`${done} of ${rotations}`);
    await lab.provide('secret-rotation', { credentials: [secret], force: true, reason: 'Benchmark' });
  }
  const durationsOf = async (workflow: string): Promise<number[]> => {
    const stateMachineArn = bench.outputs.stateMachines[workflow];
    const all: { readonly began: number; readonly took: number }[] = [];
    for await (const { executions = [] } of paginateListExecutions(
      { client: bench.stepFunctions },
      { stateMachineArn },
    ))
      for (const { startDate, stopDate } of executions)
        if (startDate && stopDate)
          all.push({
            began: startDate.getTime(),
            took: (stopDate.getTime() - startDate.getTime()) / 1000,
          });
    return all
      .sort((a, b) => a.began - b.began)
      .slice(1)
      .map(({ took }) => took);
  };
  return { rotation: await durationsOf('rotate-secret'), run: await durationsOf('secret-rotation') };
};

export const describeRotation = ({ rotation, run }: RotationFigures): string => {
  const p95 = percentile(rotation, 0.95);
  const row = (name: string, all: readonly number[]): string[] => [
    name,
    String(all.length),
    seconds(percentile(all, 0.5)),
    seconds(percentile(all, 0.95)),
    seconds(Math.max(...all)),
  ];
  return `## Rotation of a PostgreSQL login

The login of a real database on a local host, forced, without an overlap: from the intent over making, setting, testing,
promoting and confirming the next one to locking the one before. Each step is a function's call and a state.

${table(
  ['', 'times', 'p50', 'p95', 'longest'],
  [row('one rotation (`rotate-secret`)', rotation), row('the run around it (`secret-rotation`)', run)],
)}

Aim: one rotation below 2 s, at p95: ${verdict(p95 < 2)}. A consumer waits for none of it; an overlap adds its own length.
`;
};
