import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const POLL_MS = 25;

/** A process that cannot be taken for a later one with the same id. */
export const processIdentity = z.strictObject({
  pid: z.int().min(1),
  /** When the kernel started it, in clock ticks since boot, with the boot's own id. */
  startToken: z.string().min(1),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** The identity of a running process, or null when there is none (a zombie is none). */
export const identify = (pid: number): ProcessIdentity | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything; the fields after it may not.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, startToken: `${boot}/${fields[18]}` };
  } catch {
    return null;
  }
};

/** Whether exactly this process still runs. */
export const isAlive = ({ pid, startToken }: ProcessIdentity): boolean =>
  identify(pid)?.startToken === startToken;

/** Waits until the process has ended; ends it by force when that takes too long. */
export const awaitEnd = async (identity: ProcessIdentity, timeoutMs: number): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) process.kill(identity.pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
};
