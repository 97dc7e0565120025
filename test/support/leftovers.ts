import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const orNothing = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Processes that were started for a folder, work in it, or see a mount of it, each as `<pid> <why>: <command>`. */
export const leftoversOf = (folder: string): readonly string[] => {
  const mine = new Set([String(process.pid), String(process.ppid)]);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && !mine.has(name))
    .flatMap((pid) => {
      const read = (file: string) => orNothing(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      const command = read('cmdline').replaceAll('\0', ' ').trim();
      const traces = {
        arguments: command,
        environment: read('environ'),
        'working folder': orNothing(() => readlinkSync(`/proc/${pid}/cwd`)),
        mounts: read('mountinfo'),
      };
      const why = Object.entries(traces).find(([, text]) => text.includes(folder));
      return why ? [`${pid} ${why[0]}: ${command || read('comm').trim()}`] : [];
    });
};

/** What is still there after a few seconds: what was killed needs a moment to be gone. */
export const leftoversAfter = async (folder: string, seconds: number): Promise<readonly string[]> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const left = leftoversOf(folder);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(100);
  }
};
