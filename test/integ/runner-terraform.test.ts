import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { makeKeepFinalState } from '../../lambdas/runners/final-state';
import { makeFetchModule } from '../../lambdas/runners/git-module';
import { type PlanResult, planResult } from '../../lambdas/shared/contract';
import { RunStoppedError } from '../../lambdas/shared/errors';
import { planDocument } from '../../lambdas/shared/plan-document';
import { startFaultyS3 } from '../support/faulty-s3';
import { startGitServer } from '../support/git-server';
import { doctorOn } from '../support/lock-doctor';
import { aTraceparent, instantHosts, makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';

jest.setTimeout(120_000);

let platform: RunnerPlatform;
beforeAll(async () => {
  platform = await startRunnerPlatform({ needHosts: false });
}, 600_000);
afterAll(() => platform?.stop());

const stateKeys = async (): Promise<string[]> => {
  const { Contents } = await platform.s3.send(
    new ListObjectsV2Command({ Bucket: platform.env.STATE_BUCKET }),
  );
  return (Contents ?? []).map(({ Key }) => Key ?? '');
};
const stateText = async (workspace: string): Promise<string> => {
  const { Body } = await platform.s3.send(
    new GetObjectCommand({ Bucket: platform.env.STATE_BUCKET, Key: `${workspace}/terraform.tfstate` }),
  );
  return (await Body?.transformToString()) ?? '';
};

test('plans and applies exactly the approved bytes, and a second call returns the first result', async () => {
  const hostAccess = instantHosts();
  const harness = makeHarness(platform, { hostAccess });
  const secret = 'correct-horse-battery';
  const plan = await harness.plan('first', 'demo/first', 'box', {
    name: 'web-01',
    text: '${file("/etc/passwd")}',
    api_password: secret,
  });
  expect(plan).toMatchObject({
    counts: { create: 1, update: 0, replace: 0, delete: 0 },
    empty: false,
    hosts: [{ name: 'web-01', isNew: true, tags: { text: '${file("/etc/passwd")}' } }],
  });
  const shown = (await harness.text(plan.document.key)) ?? '';
  expect(planDocument.parse(JSON.parse(shown)).groups[0]).toMatchObject({ group: 'create', total: 1 });
  const log = (await harness.text('runs/first/logs/terraform-plan.log')) ?? '';
  expect(log).toContain('1 to add');
  const saved = Buffer.from(await harness.artifacts.get(plan.plan)).toString('latin1');
  for (const text of [shown, log, saved]) expect(text).not.toContain(secret);
  expect(saved).not.toContain('web-01');

  const change = await harness.bind('first', 'demo/first', plan);
  await expect(harness.apply('first', 'demo/first', change)).rejects.toThrow('nobody was asked');
  await harness.decide(change, 'approved');
  const applied = await harness.apply('first', 'demo/first', change);
  expect(applied.hosts).toMatchObject([{ name: 'web-01', address: '127.9.9.9' }]);
  expect(await harness.apply('first', 'demo/first', change)).toEqual(applied);
  expect(hostAccess.asked).toEqual([['web-01']]);
  expect(await stateText('demo/first')).not.toContain('web-01');

  const again = await harness.plan('second', 'demo/first', 'box', {
    name: 'web-01',
    text: '${file("/etc/passwd")}',
    api_password: secret,
  });
  expect(again).toMatchObject({ empty: true, hosts: [{ isNew: false }] });
  expect(
    (await readdir(tmpdir())).filter((name) => name.startsWith('runner-') && !name.includes('platform')),
  ).toEqual([]);
});

test('a worker initializes a module once, and each workspace keeps a state of its own', async () => {
  const harness = makeHarness(platform);
  const applied = async (runId: string, workspace: string) => {
    const plan = await harness.plan(runId, workspace, 'box', { name: 'web-01' });
    const change = await harness.bind(runId, workspace, plan);
    await harness.decide(change, 'approved');
    await harness.apply(runId, workspace, change);
    return plan;
  };
  await applied('once-1', 'demo/once');
  expect(await applied('once-2', 'demo/another')).toMatchObject({ counts: { create: 1 } });
  const logs = await Promise.all(
    ['once-1/logs/terraform-plan', 'once-1/logs/terraform-apply', 'once-2/logs/terraform-plan'].map((name) =>
      harness.text(`runs/${name}.log`),
    ),
  );
  expect(logs.map((text) => text?.includes('$ tofu init'))).toEqual([true, false, false]);
  expect(await stateKeys()).toEqual(
    expect.arrayContaining(['demo/once/terraform.tfstate', 'demo/another/terraform.tfstate']),
  );
});

test('refuses a rejected, late, foreign or changed change before anything runs', async () => {
  const harness = makeHarness(platform);
  const plan = await harness.plan('r-2', 'demo/refused', 'box', { name: 'web-01' });
  const change = await harness.bind('r-2', 'demo/refused', plan);
  const apply = () => harness.apply('r-2', 'demo/refused', change);
  await harness.decide(change, 'rejected');
  await expect(apply()).rejects.toMatchObject({ name: 'NotApprovedError' });
  await harness.decide(change, 'approved', '2999-01-01T00:00:00.000Z');
  await expect(apply()).rejects.toMatchObject({ name: 'ApprovalExpiredError' });
  await harness.decide(change, 'approved');
  await expect(harness.apply('r-3', 'demo/refused', change)).rejects.toMatchObject({
    name: 'ForeignChangeError',
  });
  await expect(harness.apply('r-2', 'demo/other', change)).rejects.toMatchObject({
    name: 'ForeignChangeError',
  });
  expect(await stateKeys()).not.toContain('demo/refused/terraform.tfstate');
});

test('refuses a plan that was swapped for another valid one', async () => {
  const harness = makeHarness(platform);
  const plan = await harness.plan('swap', 'demo/swap', 'box', { name: 'web-01' });
  const other = await harness.plan('swap', 'demo/swap', 'box', { name: 'web-02' });
  const change = await harness.bind('swap', 'demo/swap', {
    ...plan,
    plan: { ...other.plan, sha256: plan.plan.sha256 },
  });
  await harness.decide(change, 'approved');
  await expect(harness.apply('swap', 'demo/swap', change)).rejects.toMatchObject({
    name: 'ContentSwappedError',
    message: expect.stringContaining('stands where the approved one'),
  });
});

test('applies the approved version although somebody overwrote the object', async () => {
  const harness = makeHarness(platform);
  const plan = await harness.plan('over', 'demo/over', 'box', { name: 'web-01' });
  const { bucket: Bucket, key: Key } = plan.plan;
  await platform.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'something else' }));
  const change = await harness.bind('over', 'demo/over', plan);
  await harness.decide(change, 'approved');
  expect((await harness.apply('over', 'demo/over', change)).hosts).toHaveLength(1);
});

test('a lock that a killed worker left: met by name, released by the doctor, exactly once', async () => {
  const harness = makeHarness(platform);
  const key = 'demo/killed/terraform.tfstate';
  const putLock = (ID: string) =>
    platform.s3.send(
      new PutObjectCommand({
        Bucket: platform.env.STATE_BUCKET,
        Key: `${key}.tflock`,
        Body: JSON.stringify({
          ID,
          Operation: 'OperationTypeApply',
          Info: '',
          Who: 'root@worker',
          Version: '1.12.6',
          // Older than any worker lives.
          Created: new Date(Date.now() - 131 * 60_000).toISOString(),
          Path: `${platform.env.STATE_BUCKET}/${key}`,
        }),
      }),
    );
  const plan = () => harness.plan('killed', 'demo/killed', 'box', { name: 'web-01' });
  const id = '3c5a0c0e-4a0f-3b0e-9f0d-0123456789ab';
  await putLock(id);
  await expect(plan()).rejects.toMatchObject({
    name: 'StateLockedError',
    message: expect.stringContaining('demo/killed is locked by root@worker'),
  });

  const { objects, doctor, ledger } = doctorOn(platform);
  const seen = await objects.lock('demo/killed');
  expect(seen).toMatchObject({ id, who: 'root@worker' });
  await putLock('00000000-4a0f-3b0e-9f0d-0123456789ab');
  expect(seen && (await objects.removeLock('demo/killed', seen))).toBe(false);
  expect(await stateKeys()).toContain(`${key}.tflock`);

  expect(await doctor({ sweep: true })).toMatchObject({
    examined: [{ workspace: 'demo/killed', repairs: ['release-lock'] }],
  });
  expect(ledger.events).toMatchObject([{ type: 'lock.released' }]);
  expect(await plan()).toMatchObject({ empty: false });
  expect(await stateKeys()).not.toContain(`${key}.tflock`);
});

test('two calls at once carry a change out once, and both return the first result', async () => {
  const hostAccess = instantHosts();
  const harness = makeHarness(platform, { hostAccess });
  const plan = await harness.plan('twice', 'demo/twice', 'box', { name: 'web-01' });
  const change = await harness.bind('twice', 'demo/twice', plan);
  await harness.decide(change, 'approved');
  const [one, other] = await Promise.all([1, 2].map(() => harness.apply('twice', 'demo/twice', change)));
  expect(one).toEqual(other);
  expect(one).toMatchObject({ counts: { create: 1 }, hosts: [{ name: 'web-01' }] });
  const after = await harness.plan('after-twice', 'demo/twice', 'box', { name: 'web-01' });
  expect(after.empty).toBe(true);
});

test('a plan that was judged by other rules than the worker has is not applied', async () => {
  const permissive = makeHarness(platform, { contentRoot: platform.permissiveContent });
  const plan = await permissive.plan('rules', 'demo/rules', 'box', { name: 'web-01' });
  const change = await permissive.bind('rules', 'demo/rules', plan);
  await permissive.decide(change, 'approved');
  await expect(makeHarness(platform).apply('rules', 'demo/rules', change)).rejects.toMatchObject({
    name: 'ChangeMismatchError',
    message: expect.stringContaining('the policy on plans changed after it was approved'),
  });
  expect(await stateKeys()).not.toContain('demo/rules/terraform.tfstate');
});

test('a state that could not be stored is rescued encrypted, and restored before anything else is planned', async () => {
  const workspace = 'demo/rescued';
  const faulty = await startFaultyS3(platform.env.AWS_ENDPOINT_URL ?? '');
  const cutOff = { ...platform, env: { ...platform.env, AWS_ENDPOINT_URL: faulty.url } };
  try {
    const harness = makeHarness(cutOff);
    const plan = await harness.plan('rescue', workspace, 'box', { name: 'web-01' });
    const change = await harness.bind('rescue', workspace, plan);
    await harness.decide(change, 'approved');
    const refusal = {
      name: 'StateRescuedError',
      message: expect.stringContaining(`rescue/${workspace}.tfstate`),
    };
    await expect(harness.apply('rescue', workspace, change)).rejects.toMatchObject(refusal);
    const kept = (await harness.text(`rescue/${workspace}.tfstate`)) ?? '';
    expect(JSON.parse(kept)).toMatchObject({ serial: expect.any(Number), lineage: expect.any(String) });
    expect(kept).not.toContain('web-01');
    expect(await stateKeys()).not.toContain(`${workspace}/terraform.tfstate`);
    await expect(harness.plan('after', workspace, 'box', { name: 'web-01' })).rejects.toMatchObject(refusal);

    expect(await doctorOn(platform).doctor({ workspace })).toMatchObject({
      examined: [{ repairs: ['restore-state'] }],
    });
    const healed = makeHarness(platform);
    expect(await healed.apply('rescue', workspace, change)).toMatchObject({ hosts: [{ name: 'web-01' }] });
    expect(await healed.plan('after', workspace, 'box', { name: 'web-01' })).toMatchObject({ empty: true });
  } finally {
    await faulty.stop();
  }
});

test('says that a plan is stale when the state moved on', async () => {
  const harness = makeHarness(platform);
  const first = await harness.plan('s-1', 'demo/stale', 'box', { name: 'web-01' });
  const second = await harness.plan('s-2', 'demo/stale', 'box', { name: 'web-02' });
  for (const [run, plan] of [
    ['s-1', first],
    ['s-2', second],
  ] as const) {
    const change = await harness.bind(run, 'demo/stale', plan);
    await harness.decide(change, 'approved');
    const applied = harness.apply(run, 'demo/stale', change);
    if (run === 's-1') await applied;
    else await expect(applied).rejects.toMatchObject({ name: 'StalePlanError' });
  }
});

test('a call after a crash between the apply and the hosts completes the first one', async () => {
  const working = instantHosts();
  const crashing = makeHarness(platform, {
    hostAccess: { ...working, ensureHosts: () => Promise.reject(new Error('the worker died here')) },
  });
  const plan = await crashing.plan('crash', 'demo/crash', 'box', { name: 'web-01' });
  const change = await crashing.bind('crash', 'demo/crash', plan);
  await crashing.decide(change, 'approved');
  await expect(crashing.apply('crash', 'demo/crash', change)).rejects.toThrow('died here');
  const repaired = makeHarness(platform, { hostAccess: working });
  expect(await repaired.apply('crash', 'demo/crash', change)).toMatchObject({
    counts: { create: 1 },
    hosts: [{ name: 'web-01' }],
  });

  const gone = await repaired.plan('destroy', 'demo/crash', 'box', { name: 'web-01' }, 'destroy');
  expect(gone).toMatchObject({ counts: { delete: 1 }, hosts: [] });
  const destruction = await repaired.bind('destroy', 'demo/crash', gone);
  await repaired.decide(destruction, 'approved');
  await expect(crashing.apply('destroy', 'demo/crash', destruction)).rejects.toThrow('died here');
  expect((await repaired.apply('destroy', 'demo/crash', destruction)).hosts).toEqual([]);
});

test('what is destroyed is kept first, once, encrypted, and can be put back', async () => {
  const harness = makeHarness(platform);
  const plan = await harness.plan('end-1', 'demo/end', 'box', { name: 'web-01' });
  const change = await harness.bind('end-1', 'demo/end', plan);
  await harness.decide(change, 'approved');
  expect((await harness.apply('end-1', 'demo/end', change)).finalState).toBeNull();
  const before = await stateText('demo/end');

  const gone = await harness.plan('end-2', 'demo/end', 'box', { name: 'web-01' }, 'destroy');
  const destruction = await harness.bind('end-2', 'demo/end', gone);
  await harness.decide(destruction, 'approved');
  const { finalState } = await harness.apply('end-2', 'demo/end', destruction);
  expect(finalState).toBe(`_final/demo/end/end-2-${destruction.id.slice(-8)}.tfstate`);
  const Bucket = platform.env.STATE_BUCKET;
  const { Body } = await platform.s3.send(new GetObjectCommand({ Bucket, Key: finalState ?? '' }));
  const kept = (await Body?.transformToString()) ?? '';
  expect(kept).toBe(before);
  expect(kept).not.toContain('web-01');
  // A repeated call finds the state destroyed, and leaves the copy as it is.
  const keep = makeKeepFinalState({
    backend: {
      bucket: Bucket ?? '',
      keyArn: platform.env.STATE_KEY_ARN ?? '',
      region: 'us-east-1',
      pathStyle: true,
    },
    open: () => platform.s3,
  });
  const again = await keep({ id: destruction.id, runId: 'end-2', workspace: 'demo/end' }, async () => {
    throw new Error('the platform has its own');
  });
  expect(again).toBe(finalState);
  expect(await stateText('demo/end')).not.toBe(before);
  expect(await harness.plan('end-3', 'demo/end', 'box', { name: 'web-01' })).toMatchObject({ empty: false });

  await platform.s3.send(
    new CopyObjectCommand({
      Bucket,
      CopySource: `${Bucket}/${finalState}`,
      Key: 'demo/end/terraform.tfstate',
    }),
  );
  expect(await harness.plan('end-4', 'demo/end', 'box', { name: 'web-01' })).toMatchObject({ empty: true });
});

test('a destruction narrowed to some resources destroys those alone, or nothing', async () => {
  const harness = makeHarness(platform);
  const plan = await harness.plan('narrow', 'demo/narrow', 'box', { name: 'web-01' });
  const change = await harness.bind('narrow', 'demo/narrow', plan);
  await harness.decide(change, 'approved');
  await harness.apply('narrow', 'demo/narrow', change);
  const destroy = (targets: string[]) =>
    harness.doTask({
      task: 'terraform-plan',
      run: { runId: 'narrow-2', workspace: 'demo/narrow', traceparent: aTraceparent },
      module: 'box',
      variables: { name: 'web-01' },
      mode: 'destroy',
      targets,
    });
  expect(await destroy(['terraform_data.other'])).toMatchObject({ counts: { delete: 0 } });

  // Nothing else is there: the outputs, which tell of hosts, go as well.
  const gone = planResult.parse(await destroy(['terraform_data.this']));
  expect(gone).toMatchObject({ mode: 'destroy', counts: { delete: 1 } });
  const destruction = await harness.bind('narrow-2', 'demo/narrow', gone);
  await harness.decide(destruction, 'approved');
  expect((await harness.apply('narrow-2', 'demo/narrow', destruction)).hosts).toEqual([]);
  const left = await harness.plan('narrow-3', 'demo/narrow', 'box', { name: 'web-01' }, 'destroy');
  expect(left.empty).toBe(true);
});

test('a plan that only looks finds nothing to differ after an apply, and changes nothing', async () => {
  const harness = makeHarness(platform);
  const plan = await harness.plan('look', 'demo/look', 'box', { name: 'web-01' });
  const change = await harness.bind('look', 'demo/look', plan);
  await harness.decide(change, 'approved');
  await harness.apply('look', 'demo/look', change);
  const world = await harness.plan('look-2', 'demo/look', 'box', { name: 'web-02' }, 'refresh-only');
  expect(world).toMatchObject({
    mode: 'refresh-only',
    counts: { create: 0, update: 0, replace: 0, delete: 0 },
  });
  const again = await harness.plan('look-3', 'demo/look', 'box', { name: 'web-01' });
  expect(again.empty).toBe(true);
});

test.each([
  ['external-data', 'the provider registry.opentofu.org/hashicorp/external is not allowed'],
  ['own-backend', 'main.tf has a block "backend"'],
  ['override', 'values.auto.tfvars is no file that a module may bring'],
  ['slow', 'terraform_data.second has a provisioner "local-exec"'],
  ['unknown', 'There is no module unknown in the catalogue'],
])('refuses the module %s before anything of it runs', async (module, sentence) => {
  const failure = makeHarness(platform).plan('policy', 'demo/policy', module);
  await expect(failure).rejects.toMatchObject({
    name: 'InvalidInputError',
    message: expect.stringContaining(sentence),
  });
});

test('ignores TF_ variables of its own environment', async () => {
  const poisoned = {
    ...platform,
    env: { ...platform.env, TF_CLI_ARGS_plan: '-destroy', TF_VAR_text: 'evil' },
  };
  const plan = await makeHarness(poisoned).plan('env', 'demo/env', 'box', { name: 'web-01' });
  expect(plan).toMatchObject({ counts: { create: 1 }, hosts: [{ tags: { text: '' } }] });
});

test('reports what OpenTofu found wrong, without the secret in it', async () => {
  const failure = makeHarness(platform).plan('wrong', 'demo/wrong', 'box', {
    name: ['correct-horse-battery'],
    api_password: 'correct-horse-battery',
  });
  await expect(failure).rejects.toMatchObject({
    name: 'TerraformError',
    message: expect.stringMatching(/demo\/wrong.*name(?![\s\S]*correct-horse)/),
  });
});

describe('a run that is stopped in the middle of an apply', () => {
  test('interrupts the tool and its children, keeps the state and releases the lock', async () => {
    const harness = makeHarness(platform, { contentRoot: platform.permissiveContent });
    await platform.documents.send(
      new PutCommand({ TableName: 'runs', Item: { runId: 'stopped', status: 'running' } }),
    );
    const plan = await harness.plan('stopped', 'demo/stopped', 'slow');
    const change = await harness.bind('stopped', 'demo/stopped', plan);
    await harness.decide(change, 'approved');
    const outcome = harness.apply('stopped', 'demo/stopped', change).catch((error: unknown) => error);
    const lock = 'demo/stopped/terraform.tfstate.tflock';
    while (!(await stateKeys()).includes(lock)) await new Promise((done) => setTimeout(done, 100));
    const running = await platform.documents.send(
      new GetCommand({ TableName: 'runs', Key: { runId: 'stopped' } }),
    );
    expect(running.Item?.worker).toMatchObject({ task: 'terraform-apply' });
    await new Promise((done) => setTimeout(done, 1500));
    const stoppedAt = Date.now();
    await platform.documents.send(
      new PutCommand({ TableName: 'runs', Item: { runId: 'stopped', status: 'stopping' } }),
    );
    expect(await outcome).toMatchObject({ name: 'RunStoppedError' });
    expect(Date.now() - stoppedAt).toBeLessThan(5000);
    const keys = await stateKeys();
    expect(keys).toContain('demo/stopped/terraform.tfstate');
    expect(keys).not.toContain(lock);
    const after = await platform.documents.send(
      new GetCommand({ TableName: 'runs', Key: { runId: 'stopped' } }),
    );
    expect(after.Item).toEqual({ runId: 'stopped', status: 'stopping' });

    const left = await harness.plan('after', 'demo/stopped', 'slow');
    expect(left.counts.create + left.counts.replace).toBe(1);
    await expect(harness.apply('stopped', 'demo/stopped', change)).rejects.toMatchObject({
      name: 'RunStoppedError',
    });
  });

  test('a worker that is told to stop, and one near its deadline, raise their own errors', async () => {
    const harness = makeHarness(platform, { contentRoot: platform.permissiveContent });
    const run = {
      runId: 'limits',
      workspace: 'demo/limits',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    };
    const input = {
      task: 'terraform-plan' as const,
      run,
      module: 'slow',
      variables: {},
      mode: 'apply' as const,
      targets: [],
    };
    const stop = AbortSignal.abort(new RunStoppedError('The worker was told to stop.'));
    await expect(harness.doTask(input, stop)).rejects.toMatchObject({ name: 'RunStoppedError' });
    await expect(harness.runTask(input, { timeMs: 60 })).rejects.toMatchObject({ name: 'DeadlineError' });
    expect((await stateKeys()).filter((key) => key.startsWith('demo/limits'))).toEqual([]);
  });
});

test('a workspace stays with its module when the catalogue moves on, until an upgrade is asked for', async () => {
  const contentRoot = await mkdtemp(join(tmpdir(), 'pinned-'));
  try {
    await cp(platform.env.CONTENT_ROOT ?? '', contentRoot, { recursive: true });
    const main = join(contentRoot, 'terraform/modules/box/main.tf');
    const harness = makeHarness(platform, { contentRoot });
    const first = await harness.plan('pin-1', 'demo/pinned', 'box', { name: 'web-01' });
    const { module: digest } = first.digests;
    await appendFile(main, 'output "moved_on" {\n  value = "yes"\n}\n');

    const planned = (runId: string, upgrade: boolean, variables = { name: 'web-01' }) =>
      harness.doTask({
        task: 'terraform-plan',
        run: { runId, workspace: 'demo/pinned', traceparent: aTraceparent },
        module: 'box',
        pin: { digest, upgrade },
        variables,
        mode: 'apply',
        targets: [],
      }) as Promise<PlanResult>;
    await expect(planned('pin-2', false, { name: 'web-01', moved: 'x' } as { name: string })).rejects.toThrow(
      'The module box has no variable "moved" in the version that is used.',
    );
    const pinned = await planned('pin-3', false);
    expect(pinned).toMatchObject({ digests: { module: digest }, content: { from: 'kept' } });
    const change = await harness.bind('pin-3', 'demo/pinned', pinned);
    await harness.decide(change, 'approved');
    await harness.apply('pin-3', 'demo/pinned', change);

    const upgraded = await planned('pin-4', true);
    expect(upgraded).toMatchObject({ empty: false, content: { from: 'catalogue', upgradedFrom: digest } });
  } finally {
    await rm(contentRoot, { recursive: true });
  }
});

test('a module of a repository is applied from what was kept, after the repository is gone', async () => {
  const server = await startGitServer();
  const harness = makeHarness(platform, {
    fetchModule: makeFetchModule({
      sources: [{ repository: `${server.url}/team/` }],
      resolveHost: async () => '127.0.0.1',
      readCredentials: () => Promise.reject(new Error('none were expected')),
      env: { ...platform.env, ...server.env },
    }),
  });
  const box = 'resource "terraform_data" "this" {\n  input = "TEXT"\n}\n';
  server.put('queue/main.tf', box.replace('TEXT', 'one'));
  const first = server.commit();
  server.put('queue/main.tf', box.replace('TEXT', 'two'));
  const second = server.commit();
  server.put('queue/main.tf', `${box}provider "aws" {}\n`);
  const withProvider = server.commit();

  const planAt = async (runId: string, commit: string, pinned: string | null): Promise<PlanResult> =>
    (await harness.doTask({
      task: 'terraform-plan',
      run: { runId, workspace: 'demo/git', traceparent: aTraceparent },
      module: 'queue',
      source: { git: `${server.url}/team/work.git`, commit, path: 'queue' },
      pin: pinned === null ? null : { digest: pinned, upgrade: true },
      variables: {},
      mode: 'apply',
      targets: [],
    })) as PlanResult;
  const applied = async (runId: string, plan: PlanResult) => {
    const change = await harness.bind(runId, 'demo/git', plan);
    await harness.decide(change, 'approved');
    return harness.apply(runId, 'demo/git', change);
  };

  const plan = await planAt('git-1', first, null);
  expect(plan.content).toMatchObject({ from: { commit: first, path: 'queue' }, upgradedFrom: null });
  await expect(planAt('git-2', withProvider, null)).rejects.toThrow('which only the orchestrator sets');
  const upgrade = await planAt('git-3', second, plan.digests.module);
  expect(upgrade.content.upgradedFrom).toBe(plan.digests.module);
  await server.stop();

  await expect(planAt('git-4', first, null)).rejects.toMatchObject({ name: 'SourceUnavailableError' });
  expect((await applied('git-1', plan)).counts).toMatchObject({ create: 1 });
  // What the workspace is pinned to can be planned, and ended, without the repository.
  const end = (await harness.doTask({
    task: 'terraform-plan',
    run: { runId: 'git-5', workspace: 'demo/git', traceparent: aTraceparent },
    module: 'queue',
    pin: { digest: plan.digests.module, upgrade: false },
    variables: {},
    mode: 'destroy',
    targets: [],
  })) as PlanResult;
  expect(end).toMatchObject({ content: { from: 'kept' }, counts: { delete: 1 } });
});
