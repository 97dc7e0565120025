import { spawnSync } from 'node:child_process';
import { runCommand } from '../../local/run-command';

const shell = (script: string, onLine: (line: string) => void = () => undefined, signal?: AbortSignal) =>
  runCommand({
    command: '/bin/sh',
    args: ['-c', script],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    onLine,
    ...(signal ? { signal } : {}),
  });

/** A process that has ended but that nobody has waited for yet is no longer alive. */
const isAlive = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
};

test('hands on the lines of both outputs and returns the exit code', async () => {
  const lines: string[] = [];
  expect(await shell('echo out; echo err >&2; exit 3', (line) => lines.push(line))).toBe(3);
  expect(lines.sort()).toEqual(['err', 'out']);
});

test('says when there is no such command', async () => {
  await expect(
    runCommand({ command: '/nonexistent', args: [], cwd: '/', env: {}, onLine: () => undefined }),
  ).rejects.toThrow('ENOENT');
});

test('when aborted, ends the command and what it started, and throws the reason', async () => {
  const controller = new AbortController();
  const pids: number[] = [];
  const run = shell(
    'sleep 60 & echo $!; echo $$; wait',
    (line) => {
      pids.push(Number(line));
      if (pids.length === 2) controller.abort(new Error('no longer wanted'));
    },
    controller.signal,
  );
  await expect(run).rejects.toThrow('no longer wanted');
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('starts nothing when it is aborted before', async () => {
  await expect(shell('exit 0', undefined, AbortSignal.abort(new Error('too late')))).rejects.toThrow(
    'too late',
  );
});
