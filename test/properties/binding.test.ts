import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { makeAnsibleRun } from '../../lambdas/runners/ansible-run';
import { readContent } from '../../lambdas/runners/content';
import type { AnsibleTask } from '../../lambdas/runners/contract';
import { readPlanPolicy } from '../../lambdas/runners/plan-policy';
import { readRole } from '../../lambdas/runners/role-content';
import { makeTerraformApply } from '../../lambdas/runners/terraform-apply';
import type { Change } from '../../lambdas/shared/change';
import type { ChangeRef, Host } from '../../lambdas/shared/contract';
import { digestOf, sha256Hex } from '../../lambdas/shared/digest';
import { anApproval } from '../support/approval-fixtures';
import { aPlan, aPlaybook, aRun } from '../support/change-fixtures';
import { makeToollessWorker, outcomeOf } from '../support/toolless-worker';

jest.setTimeout(120_000);

const host: Host = {
  name: 'web-01',
  address: '127.9.9.9',
  port: 22,
  user: 'ops',
  hostKeys: ['ssh-ed25519 AAAA'],
  id: 'web-01',
};
const planned = {
  name: 'web-01',
  address: null,
  size: 'small',
  tags: { a: 'b' },
  owner: 'jo',
  expiresAt: null,
};
const play: AnsibleTask = {
  task: 'ansible-run',
  run: aRun,
  mode: 'run',
  role: 'notes',
  variables: { notes_text: 'hello' },
  hosts: [{ ...planned, isNew: false }],
  change: null,
};
const lockFile = '# locked\nprovider "registry.opentofu.org/hashicorp/time" {\n  version = "0.13.1"\n}\n';
const modulePath = 'terraform/modules/box/main.tf';
const lockPath = 'terraform/modules/box/.terraform.lock.hcl';

type Worker = Awaited<ReturnType<typeof makeToollessWorker>>;
let worker: Worker;
const plans = { mine: Buffer.from('the saved plan, encrypted'), other: Buffer.from('another saved plan') };
let mine: ChangeRef;
let other: ChangeRef;
let change: Change;

beforeAll(async () => {
  worker = await makeToollessWorker([host]);
  const { deps, contentRoot, write } = worker;
  await cp(join(__dirname, '../support/runner-content'), contentRoot, { recursive: true });
  await write(lockPath, lockFile);
  const module = await readContent(contentRoot, 'module', 'box');
  const policy = await readPlanPolicy(contentRoot);
  const role = await readRole(contentRoot, 'notes');
  const bind = async (bytes: Buffer, reason: string): Promise<Change> => {
    const ref = await deps.artifacts.put(
      `runs/run-1/plan/${sha256Hex(bytes)}/plan.bin`,
      bytes,
      'application/octet-stream',
    );
    const { plan: _, hosts: __, ...about } = aPlan;
    const content: Omit<Change, 'id'> = {
      version: 1,
      runId: aRun.runId,
      workflow: 'vm-provisioning',
      workspace: aRun.workspace,
      reason,
      requestedBy: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T01:00:00.000Z',
      plan: {
        ...about,
        ref,
        module: 'box',
        digests: { ...about.digests, module: module.digest, lockFile: sha256Hex(lockFile) },
        policy: { ...about.policy, digest: policy.content.digest },
      },
      playbook: {
        role: 'notes',
        document: aPlaybook.document,
        changed: 1,
        digests: { role: role.digest, variables: digestOf(play.variables), hosts: digestOf([planned]) },
        content: aPlaybook.content,
      },
      script: null,
    };
    return { ...content, id: `run-1-${digestOf(content).slice(0, 8)}` };
  };
  change = await bind(plans.mine, 'mine');
  mine = await deps.changes.put(change);
  other = await deps.changes.put(await bind(plans.other, 'other'));
  approve(mine);
  await worker.workspaces.setNewestChange(aRun.workspace, {
    changeId: mine.id,
    runId: 'run-1',
    at: change.createdAt,
  });
});
afterAll(() => worker?.remove());

const approve = (ref: ChangeRef, digest = ref.digest): void => {
  worker.approvals.set(ref.id, anApproval(digest));
};
const apply = (ref: ChangeRef = mine, run = aRun) =>
  worker.inTask((context) =>
    outcomeOf(makeTerraformApply(worker.deps)({ task: 'terraform-apply', run, change: ref }, context)),
  );
const configure = (given: Partial<AnsibleTask> = {}) =>
  worker.inTask((context) =>
    outcomeOf(makeAnsibleRun(worker.deps)({ ...play, change: mine, ...given }, context)),
  );

/** One bit of one byte, anywhere. */
const flipIn = (bytes: Buffer) =>
  fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 })).map(([at, bit]) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
    return flipped;
  });

test('the change as it was approved comes to the tool: so these tests can fail', async () => {
  expect(await apply()).toMatchObject({ reachedTool: true });
  expect(await configure()).toMatchObject({ reachedTool: true });
});

test.each(['the plan', 'the change'])('a flipped bit anywhere in %s is refused as damaged', async (what) => {
  const ref = what === 'the plan' ? change.plan?.ref : mine.ref;
  if (!ref) throw new Error('No plan was bound.');
  const bytes = Buffer.from(await worker.deps.artifacts.get(ref));
  await fc.assert(
    fc.asyncProperty(flipIn(bytes), async (flipped) => {
      worker.s3.replace(ref.key, ref.versionId, (version) => ({ ...version, bytes: flipped }));
      expect(await apply()).toMatchObject({ reachedTool: false, name: 'ContentDamagedError' });
    }),
    { numRuns: 200 },
  );
  worker.s3.replace(ref.key, ref.versionId, (version) => ({ ...version, bytes }));
});

const onTheWorker = [
  ['the module', modulePath, apply],
  ['its lock file', lockPath, apply],
  ['a rule', 'policies/plan/public_network.rego', apply],
  ['the settings of the rules', 'policies/plan/data.json', apply],
  ["the role's tasks", 'ansible/roles/notes/tasks/main.yml', configure],
  ["the role's arguments", 'ansible/roles/notes/meta/argument_specs.yml', configure],
] as const;

test.each(onTheWorker)('a flipped bit anywhere in %s on the worker is refused', async (_, path, act) => {
  const bytes = await readFile(join(worker.contentRoot, path));
  await fc.assert(
    fc.asyncProperty(flipIn(bytes), async (flipped) => {
      await worker.write(path, flipped);
      expect(await act()).toMatchObject({ reachedTool: false });
    }),
    { numRuns: 60 },
  );
  await worker.write(path, bytes);
  expect(await act()).toMatchObject({ reachedTool: true });
});

test('other rules than those that judged are named', async () => {
  await worker.write('policies/plan/more.rego', 'package rules.more\n\ndeny contains "x" if false\n');
  expect(await apply()).toMatchObject({
    reachedTool: false,
    name: 'ChangeMismatchError',
    message: expect.stringContaining('the policy on plans changed after it was approved'),
  });
  await rm(join(worker.contentRoot, 'policies/plan/more.rego'));
  expect(await apply()).toMatchObject({ reachedTool: true });
});

/** Objects of the same run, all valid; any two of them exchanged. */
test('any two stored objects exchanged, of which one is bound, are refused as a swap', async () => {
  const otherChange = await worker.deps.changes.get(other);
  const planRefs = [change, otherChange].map(({ plan }) => plan?.ref);
  const refs = [...planRefs, mine.ref, other.ref].flatMap((ref) => (ref ? [ref] : []));
  expect(refs).toHaveLength(4);
  const read = async (ref: (typeof refs)[number]) => Buffer.from(await worker.deps.artifacts.get(ref));
  const bytes = await Promise.all(refs.map(read));
  const put = (at: number, from: number): void => {
    const [ref, content] = [refs[at], bytes[from]];
    if (ref && content)
      worker.s3.replace(ref.key, ref.versionId, () => ({
        bytes: content,
        metadata: { sha256: sha256Hex(content) },
      }));
  };
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [0, 3],
    [2, 1],
    [2, 3],
  ] as const) {
    put(a, b);
    put(b, a);
    expect(await apply()).toMatchObject({ reachedTool: false, name: 'ContentSwappedError' });
    put(a, a);
    put(b, b);
  }
  expect(await apply()).toMatchObject({ reachedTool: true });
});

test('a reference that mixes two valid changes is refused, in every mixture', async () => {
  const { digest, id, ref } = mine;
  const parts = { id: [id, other.id], digest: [digest, other.digest], ref: [ref, other.ref] };
  for (const mixture of [1, 2, 3, 4, 5, 6]) {
    const pick = <T>(pair: readonly T[], bit: number): T => pair[(mixture >> bit) & 1] as T;
    const mixed = { id: pick(parts.id, 0), digest: pick(parts.digest, 1), ref: pick(parts.ref, 2) };
    expect(await apply(mixed)).toMatchObject({ reachedTool: false });
    expect(await configure({ change: mixed })).toMatchObject({ reachedTool: false });
  }
});

test('an approval of another digest, a foreign run, a foreign workspace, a newer plan and a late begin are told apart', async () => {
  approve(mine, other.digest);
  expect((await apply()).name).toBe('ContentSwappedError');
  approve(mine);
  expect((await apply(mine, { ...aRun, runId: 'run-2' })).name).toBe('ForeignChangeError');
  expect((await apply(mine, { ...aRun, workspace: 'demo/other' })).name).toBe('ForeignChangeError');
  expect((await apply(other)).name).toBe('ChangeSupersededError');
  const later = { ...worker.deps, now: () => new Date('2026-01-01T02:00:01.000Z') };
  const late = worker.inTask((context) =>
    outcomeOf(makeTerraformApply(later)({ task: 'terraform-apply', run: aRun, change: mine }, context)),
  );
  expect((await late).name).toBe('ApprovalExpiredError');
});

test('whatever differs in the variables or hosts that were approved is refused', async () => {
  const differing = fc.oneof(
    fc
      .tuple(fc.constantFrom('notes_text', 'notes_more'), fc.jsonValue())
      .filter(([name, value]) => name !== 'notes_text' || value !== 'hello')
      .map(
        ([name, value]): Partial<AnsibleTask> => ({
          variables: { ...play.variables, [name]: value as string },
        }),
      ),
    fc
      .record({
        name: fc.constantFrom('web-01', 'web-02'),
        address: fc.constantFrom(null, '127.9.9.9'),
        size: fc.constantFrom('small', 'large'),
        tags: fc.constantFrom({ a: 'b' }, {}, { a: 'c' }),
        owner: fc.constantFrom('jo', 'mallory'),
        expiresAt: fc.constantFrom(null, '2027-01-01T00:00:00Z'),
      })
      .filter((given) => digestOf(given) !== digestOf(planned))
      .map((given): Partial<AnsibleTask> => ({ hosts: [{ ...given, isNew: false }] })),
    fc.constant<Partial<AnsibleTask>>({ hosts: [] }),
  );
  await fc.assert(
    fc.asyncProperty(differing, async (given) => {
      expect(await configure(given)).toMatchObject({ reachedTool: false });
    }),
    { numRuns: 300 },
  );
});
