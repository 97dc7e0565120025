import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { buildSync } from 'esbuild';
import { runnerReport } from '../../lambdas/runners/contract';
import { aTraceparent, makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';

jest.setTimeout(120_000);

let platform: RunnerPlatform;
let folder: string;
let program: string;
beforeAll(async () => {
  platform = await startRunnerPlatform({ needHosts: false });
  folder = await mkdtemp(join(tmpdir(), 'command-line-'));
  await writeFile(join(folder, 'token'), 'token');
  program = join(folder, 'main.js');
  buildSync({
    entryPoints: [join(__dirname, '../../lambdas/runners/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    keepNames: true,
  });
}, 600_000);
afterAll(async () => {
  await platform?.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = (
  args: string[],
  contentRoot = platform.env.CONTENT_ROOT,
): { child: ChildProcess; code: Promise<number | null> } => {
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      ...platform.env,
      CONTENT_ROOT: contentRoot,
      HOST_CONTROLLER_URL: 'http://127.0.0.1:9',
      HOST_CONTROLLER_TOKEN_FILE: join(folder, 'token'),
    },
    stdio: 'ignore',
  });
  return { child, code: new Promise((done) => child.once('exit', done)) };
};
const run = (runId: string) => ({ runId, workspace: `demo/${runId}`, traceparent: aTraceparent });
const reportOf = async (runId: string, name: string) =>
  runnerReport.parse(
    JSON.parse((await makeHarness(platform).text(`runs/${runId}/results/${name}.json`)) ?? 'null'),
  );
const planInput = (runId: string, given: object = {}) =>
  JSON.stringify({ task: 'terraform-plan', run: run(runId), module: 'slow', variables: {}, ...given });
const stateKeys = async (prefix: string): Promise<string[]> => {
  const { Contents } = await platform.s3.send(
    new ListObjectsV2Command({ Bucket: platform.env.STATE_BUCKET, Prefix: prefix }),
  );
  return (Contents ?? []).map(({ Key }) => Key ?? '');
};

test('reports a result and exits 0', async () => {
  const input = planInput('cli', { module: 'box', variables: { name: 'web-01' } });
  expect(await start(['--task-input', input, '--result-name', 'plan-1']).code).toBe(0);
  expect(await reportOf('cli', 'plan-1')).toMatchObject({ ok: true, output: { counts: { create: 1 } } });
});

test('reads its input from S3', async () => {
  const input = planInput('from-s3', { module: 'box', variables: { name: 'web-01' } });
  const ref = await makeHarness(platform).artifacts.put('runs/from-s3/input.json', input, 'application/json');
  const url = `s3://${ref.bucket}/${ref.key}`;
  expect(await start(['--task-input-s3', url]).code).toBe(0);
  expect(await reportOf('from-s3', 'terraform-plan')).toMatchObject({ ok: true });
});

test('reports a named error, and exits 0 too', async () => {
  expect(await start(['--task-input', planInput('refused')]).code).toBe(0);
  expect(await reportOf('refused', 'terraform-plan')).toMatchObject({
    ok: false,
    error: { name: 'InvalidInputError', message: expect.stringContaining('provisioner "local-exec"') },
  });
});

test.each([
  ['no JSON', ['--task-input', '{']],
  ['no input', []],
  ['an unknown option', ['--destroy', 'x']],
  ['no run', ['--task-input', '{"task":"terraform-plan"}']],
  ['a path as the name of the result', ['--task-input', planInput('x'), '--result-name', '../../x']],
])('exits 2 when it is given %s', async (_what, args) => {
  expect(await start(args).code).toBe(2);
});

/** Plans the slow module for a run, and has the change approved. */
const approvedChange = async (runId: string, workspace: string, seconds: number) => {
  const harness = makeHarness(platform, { contentRoot: platform.permissiveContent });
  const plan = await harness.plan(runId, workspace, 'slow', { seconds });
  const change = await harness.bind(runId, workspace, plan);
  await harness.decide(change, 'approved');
  return { harness, plan, change };
};
const sleeps = async (child: ChildProcess): Promise<string> => {
  const task = `/proc/${child.pid}/task/${child.pid}/children`;
  const [tool] = (await readFile(task, 'utf8').catch(() => '')).trim().split(' ');
  if (!tool) return '';
  return readFile(`/proc/${tool}/cmdline`, 'utf8').catch(() => '');
};

describe('an apply that is interrupted', () => {
  const apply = async (runId: string, ...limits: string[]) => {
    const { change } = await approvedChange(runId, `demo/${runId}`, 45);
    const input = JSON.stringify({ task: 'terraform-apply', run: run(runId), change });
    return start(['--task-input', input, ...limits], platform.permissiveContent);
  };
  const expectUnlocked = async (runId: string) =>
    expect(await stateKeys(`demo/${runId}/`)).toEqual([`demo/${runId}/terraform.tfstate`]);
  /** What is left is made by the next run, and what there is stays: nothing is made twice. */
  const finish = async (runId: string) => {
    const { harness, plan, change } = await approvedChange(`${runId}-2`, `demo/${runId}`, 0);
    expect(await harness.apply(`${runId}-2`, `demo/${runId}`, change)).toMatchObject({ counts: plan.counts });
    expect(await harness.plan(`${runId}-3`, `demo/${runId}`, 'slow')).toMatchObject({ empty: true });
    return plan.counts;
  };

  test('by SIGTERM saves state, releases its lock, says how to resume, and is finished by the next', async () => {
    const { child, code } = await apply('term');
    while (!(await sleeps(child)).includes('apply')) await sleep(50);
    const lock = 'demo/term/terraform.tfstate.tflock';
    while (!(await stateKeys('demo/term/')).includes(lock)) await sleep(50);
    await sleep(1000);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(await reportOf('term', 'terraform-apply')).toMatchObject({
      ok: false,
      error: { name: 'RunStoppedError', message: expect.stringContaining('"orchestrator resume term"') },
    });
    await expectUnlocked('term');
    const { create, replace } = await finish('term');
    expect(create + replace).toBe(1);
  });

  test('by its deadline does the same', async () => {
    const { code } = await apply('late', '--timeout-seconds', '8');
    expect(await code).toBe(0);
    expect(await reportOf('late', 'terraform-apply')).toMatchObject({
      ok: false,
      error: {
        name: 'DeadlineError',
        message: expect.stringMatching(
          /starting its workflow with \{"workspace":"demo\/late","resume":"late"\}.*on Fargate/,
        ),
      },
    });
    await expectUnlocked('late');
    await finish('late');
  });
});
