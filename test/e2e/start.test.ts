import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { exampleInput } from '../../cli/workflow-definitions';

jest.setTimeout(900_000);

const repository = resolve(__dirname, '../..');
const stateDir = join(mkdtempSync(join(tmpdir(), 'start-')), 'state');
const run = promisify(execFile);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as npm does; `onLine` may send it a signal. */
const start = (args: readonly string[], onLine: (line: string, kill: () => void) => void = () => undefined) =>
  new Promise<Ended>((done) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts', ...args], {
      cwd: repository,
      env: { ...process.env, ORCHESTRATOR_STATE_DIR: stateDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      onLine(String(chunk), () => child.kill('SIGINT'));
    });
    child.once('close', (code) => done({ code, stdout, stderr }));
  });

/** The one object of `--json`; shows what went wrong when there is none. */
const report = async (...args: string[]) => {
  const { code, stdout, stderr } = await start([...args, '--json']);
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1 || !lines[0])
    throw new Error(`no single line on standard output:\n${stdout}\n${stderr}`);
  return { code, ...JSON.parse(lines[0]) };
};

const inputFor = (name: string): string => {
  const example = exampleInput('vm-provisioning');
  const file = join(stateDir, '..', `${name}.json`);
  const variables = { ...(example.variables as Record<string, string>), name };
  writeFileSync(file, JSON.stringify({ ...example, workspace: `demo/${name}`, variables }));
  return file;
};

/** Processes that were started for this state, and mounts below it. */
const leftovers = (): string[] => {
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return [...processes, ...mounts].filter((line) => line.includes(stateDir));
};

afterAll(async () => {
  await start(['--stop']);
  rmSync(resolve(stateDir, '..'), { recursive: true, force: true });
});

test('the example is planned, approved through its page, applied, configured and checked', async () => {
  const applied = await report('--approve', '--keep');
  expect(applied).toMatchObject({
    code: 0,
    workflow: 'vm-provisioning',
    outcome: 'applied',
    change: { destroy: 0 },
    error: null,
  });
  expect(
    applied.stages.map(({ name, status }: { name: string; status: string }) => `${name}: ${status}`),
  ).toEqual([
    'Begin run: succeeded',
    'Plan change: succeeded',
    'Preview configuration: succeeded',
    'Bind change: succeeded',
    'Wait for approval: succeeded',
    'Apply change: succeeded',
    'Configure hosts: succeeded',
    'Scan compliance: succeeded',
    'Record end: succeeded',
    'Notify: succeeded',
  ]);
  const { stdout: name } = await run('ssh', [
    '-F',
    join(stateDir, 'ssh/demo/web-01/config'),
    'web-01',
    'hostname',
  ]);
  expect(name.trim()).toBe('web-01');
  expect((await fetch(applied.links.service)).status).toBe(200);
  expect((await fetch(applied.links.health)).status).toBe(200);
});

test('the same again finds nothing to do, asks nobody, and leaves the kept platform up', async () => {
  const unchanged = await report('--approve');
  expect(unchanged).toMatchObject({
    code: 0,
    outcome: 'unchanged',
    change: { add: 0, change: 0, destroy: 0, playbookChanged: 0 },
  });
  expect(unchanged.links).not.toHaveProperty('approval');
  expect(existsSync(join(stateDir, 'platform.json'))).toBe(true);
});

test('a rejected change touches nothing, and says so by mail', async () => {
  const rejected = await report('--reject', '--input', inputFor('web-02'));
  expect(rejected).toMatchObject({ code: 0, outcome: 'rejected' });
  const mails = await (await fetch(new URL('/messages.json', rejected.links.inbox))).text();
  expect(mails).toContain(rejected.runId);
  expect(existsSync(join(stateDir, 'hosts/workspaces/demo/web-02'))).toBe(false);
});

test('the kept platform is stopped, and nothing of it is left', async () => {
  expect(await start(['--stop'])).toMatchObject({ code: 0 });
  expect(leftovers()).toEqual([]);
});

test('Ctrl-C at the gate stops the run and the platform; the next run on the workspace works', async () => {
  const input = inputFor('web-03');
  const interrupted = await start(['--input', input], (text, kill) => {
    if (text.includes('/approvals/')) kill();
  });
  expect(interrupted.code).toBe(130);
  expect(leftovers()).toEqual([]);
  expect(await report('--reject', '--input', input)).toMatchObject({ code: 0, outcome: 'rejected' });
  expect(leftovers()).toEqual([]);
});

test('the next start boots the hosts that its state knows', async () => {
  expect(await report('--approve')).toMatchObject({ code: 0, outcome: 'unchanged' });
});
