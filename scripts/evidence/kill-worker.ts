import { promises as fs } from 'node:fs';
import type { Call, Judge } from '../faults/fault-proxy';
import { leavesTask, reportedTask } from '../faults/worker-calls';
import { endWorker, holdWorker, workerBehind } from '../faults/worker-process';

/** When a worker is killed: in the middle of a task of the runner, or at the first such call of a step to a service. */
export type Moment = { readonly task: string } | { readonly step: string; readonly call: RegExp };

/** A worker that is to be killed. */
export interface Killing {
  /** Resolves once it is. */
  readonly done: Promise<void>;
  /** It is no longer wanted. */
  forget(): void;
}

interface Processes {
  readonly workerBehind: (call: Call) => Promise<number | undefined>;
  /** Whether a tool works for it now. */
  readonly hasTool: (worker: number) => Promise<boolean>;
  /** Ends it with all that it started, and its folder. */
  readonly kill: (worker: number) => Promise<void>;
}

const processes: Processes = {
  workerBehind: ({ socket }) => workerBehind(socket),
  hasTool: async (pid) => {
    const children = await fs.readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    return children.trim() !== '';
  },
  kill: async (worker) => {
    await holdWorker(worker);
    await endWorker(worker, 'SIGKILL');
  },
};

interface Wanted {
  readonly moment: Moment;
  readonly done: () => void;
  /** The one that has reported the task. */
  worker?: number;
}

/** The worker that is to be killed at this call, if its moment has come. */
const dueAt = async (call: Call, wanted: Wanted, ports: Processes): Promise<number | undefined> => {
  const { moment } = wanted;
  if ('step' in moment)
    return call.step === moment.step && moment.call.test(call.text) ? ports.workerBehind(call) : undefined;
  if (wanted.worker === undefined && reportedTask(call.text) !== moment.task) return undefined;
  const worker = await ports.workerBehind(call);
  if (worker === undefined) return undefined;
  wanted.worker ??= worker;
  if (worker !== wanted.worker) return undefined;
  // It cannot leave its task without a call, so that it is met here at the latest.
  return leavesTask(call.text) || (await ports.hasTool(worker)) ? worker : undefined;
};

/**
 * Kills the one worker that does what is named, as the platform would end its machine, while a call of its own, or of a
 * tool that it runs, waits for its answer: whatever the pace of this machine, none ends before it is seen.
 */
export const makeWorkerKiller = (ports = processes) => {
  let wanted: Wanted | undefined;
  const judge: Judge = async (call) => {
    const meant = wanted;
    if (!meant) return 'pass';
    const worker = await dueAt(call, meant, ports);
    if (worker === undefined || wanted !== meant) return 'pass';
    wanted = undefined;
    await ports.kill(worker);
    meant.done();
    return 'drop';
  };
  const kill = (moment: Moment): Killing => {
    let own: Wanted | undefined;
    const done = new Promise<void>((resolve) => {
      own = { moment, done: resolve };
      wanted = own;
    });
    return {
      done,
      forget: () => {
        if (wanted === own) wanted = undefined;
      },
    };
  };
  return { judge, kill };
};
