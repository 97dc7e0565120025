import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// A process per case: on a busy machine each takes seconds to load.
jest.setTimeout(60_000);

const repository = resolve(__dirname, '..', '..');
const stateDir = join(mkdtempSync(join(tmpdir(), 'start-')), 'state');
afterAll(() => rmSync(resolve(stateDir, '..'), { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const start = (args: readonly string[], stdin = ''): Promise<Ended> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts', ...args], {
      cwd: repository,
      env: { PATH: process.env.PATH, HOME: stateDir, ORCHESTRATOR_STATE_DIR: stateDir },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', failed);
    child.once('close', (code) => done({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });

const refused = async (args: readonly string[], stdin?: string): Promise<Ended> => {
  const ended = await start(args, stdin);
  expect(ended.code).toBe(2);
  expect(existsSync(stateDir)).toBe(false);
  return ended;
};

test('prints the example as JSON, and as one line with --json', async () => {
  const [pretty, line] = await Promise.all([start(['--example']), start(['--example', '--json'])]);
  expect(pretty).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(pretty.stdout)).toMatchObject({ module: 'local-host' });
  expect(line.stdout.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line.stdout)).toEqual(JSON.parse(pretty.stdout));
});

test('prints its help', async () => {
  expect(await start(['--help'])).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('--keep'),
  });
});

test('refuses a wrong option with a sentence, before anything is set up', async () => {
  const { stdout, stderr } = await refused(['--aprove']);
  expect(stdout).toBe('');
  expect(stderr).toContain("Unknown option '--aprove'. See npm start -- --help. (UsageError)");
});

test('refuses an input that breaks off, naming line and column', async () => {
  const { stderr } = await refused(['--input', '-'], '{"workspace":\n');
  expect(stderr).toContain('Standard input: The JSON ends too early (line 2, column 1). (InvalidInputError)');
});

test('with --json, refuses in one object on one line', async () => {
  const { stdout } = await refused(['--json', '--workflow', 'vm-provisionning']);
  expect(stdout.trimEnd()).not.toContain('\n');
  expect(JSON.parse(stdout)).toEqual({
    runId: null,
    workflow: 'vm-provisionning',
    outcome: 'failed',
    stages: [],
    change: null,
    links: {},
    error: {
      code: 'InvalidInputError',
      message: expect.stringMatching(
        /^There is no workflow "vm-provisionning"\. Known: .*vm-provisioning\.$/,
      ),
    },
  });
});

test('refuses a field that the workflow does not know', async () => {
  const { stdout: example } = await start(['--example']);
  const input = JSON.stringify({ ...JSON.parse(example), approver: 'me' });
  const { stderr } = await refused(['--input', '-'], input);
  expect(stderr).toMatch(/The input does not fit\..*approver/);
});
