import { promises as fs } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { emulatorProcesses, platformWorkers } from './platform-processes';

/** What the kernel says of a process; nothing of one that has ended meanwhile. */
const statusOf = (pid: number): Promise<string> => fs.readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');

const mib = (status: string, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;

const together = (statuses: readonly string[]): number =>
  statuses.reduce((sum, status) => sum + mib(status, 'VmRSS'), 0);

/** The most that was held at once, in MiB. */
export interface MemoryPeaks {
  readonly emulator: number;
  /** Before anything was measured. */
  readonly emulatorBefore: number;
  /** All processes of functions together, the tools that they start aside; pages that they share are counted in each. */
  readonly workers: number;
  /** Of any one of them. */
  readonly worker: number;
}

const everyMs = 2000;

/** Watches the memory of a platform until it is asked for the peaks. */
export const watchMemory = async (gatewayPort: number): Promise<() => Promise<MemoryPeaks>> => {
  const emulator = await emulatorProcesses(gatewayPort);
  const held = async (): Promise<number> => together(await Promise.all(emulator.map(statusOf)));
  const emulatorBefore = await held();
  const peaks = { emulator: emulatorBefore, workers: 0, worker: 0 };
  const ended = new AbortController();
  const look = async (): Promise<void> => {
    peaks.emulator = Math.max(peaks.emulator, await held());
    const each = await Promise.all((await platformWorkers(gatewayPort)).map(({ pid }) => statusOf(pid)));
    peaks.workers = Math.max(peaks.workers, together(each));
    peaks.worker = Math.max(peaks.worker, ...each.map((status) => mib(status, 'VmHWM')));
  };
  const watching = (async () => {
    while (!ended.signal.aborted) {
      await look();
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    ended.abort();
    await watching;
    return { ...peaks, emulatorBefore };
  };
};
