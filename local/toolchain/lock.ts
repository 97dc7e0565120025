import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/** When a process began, in clock ticks since boot: tells a process from a later one with the same id. */
const birthOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A lock is stale when the process that took it is gone; its text is `<pid> <birth>`. */
const isStale = (text: string): boolean => {
  const [pidText = '', birth = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return true;
  const current = birthOf(pid);
  return birth !== '' && current !== undefined && current !== birth;
};

const readLock = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const tryTake = (path: string): boolean => {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(beside, `${process.pid} ${birthOf(process.pid) ?? ''}`);
  try {
    // A link appears with its content, or not at all: nobody can read a half-written lock.
    linkSync(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
};

/** Moves a dead process's lock away. Puts it back when it was replaced by a living one's in between. */
const discardStale = (path: string, seen: string): void => {
  const aside = `${path}.stale-${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
    if (readLock(aside) !== seen) linkSync(aside, path);
  } catch {
    // Somebody else was quicker.
  } finally {
    rmSync(aside, { force: true });
  }
};

/**
 * Runs the work while holding the lock file; waits for another holder, takes over from a dead one.
 * `onWait` is called once when there is somebody to wait for.
 */
export const withLock = async <T>(path: string, run: () => Promise<T>, onWait?: () => void): Promise<T> => {
  mkdirSync(dirname(path), { recursive: true });
  let waiting = false;
  while (!tryTake(path)) {
    const holder = readLock(path);
    if (holder === undefined) continue;
    if (isStale(holder)) {
      discardStale(path, holder);
      continue;
    }
    if (!waiting) onWait?.();
    waiting = true;
    await sleep(POLL_MS);
  }
  try {
    return await run();
  } finally {
    rmSync(path, { force: true });
  }
};
