import type { Call, Judge } from '../faults/fault-proxy';
import { makeWorkerKiller } from './kill-worker';

const throttledEach = 5;

/** Throttles every fifth call that a function makes to a service. */
const throttling = (): Judge => {
  const calls = new Map<string, number>();
  return async ({ step }: Call) => {
    const number = (calls.get(step) ?? 0) + 1;
    calls.set(step, number);
    return number % throttledEach === 0 ? 'throttle' : 'pass';
  };
};

/** What is done to functions between them and the services: workers are killed, calls are throttled. */
export const makeInterference = () => {
  const killer = makeWorkerKiller();
  const throttle = throttling();
  let isThrottled = false;
  const judge: Judge = async (call) => {
    const met = await killer.judge(call);
    return met === 'pass' && isThrottled ? throttle(call) : met;
  };
  return {
    judge,
    killWorker: killer.kill,
    /** Calls are throttled until the work is done. */
    whileThrottled: async (work: () => Promise<void>): Promise<void> => {
      isThrottled = true;
      try {
        await work();
      } finally {
        isThrottled = false;
      }
    },
  };
};
export type Interference = ReturnType<typeof makeInterference>;
