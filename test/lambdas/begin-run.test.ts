import { makeBeginRun } from '../../lambdas/begin-run/begin-run';
import type { BeginRunInput } from '../../lambdas/begin-run/contract';
import { makeFindReentry, requireResumable } from '../../lambdas/begin-run/resume-run';
import { makeBindChange } from '../../lambdas/bind-change/bind-change';
import type { Variables } from '../../lambdas/shared/contract';
import {
  InvalidInputError,
  NothingAppliedError,
  NotResumableError,
  RunStoppedError,
  WorkspaceBusyError,
  WorkspaceFrozenError,
} from '../../lambdas/shared/errors';
import type { Freeze } from '../../lambdas/shared/freeze-store';
import type { RunRecord } from '../../lambdas/shared/run-record';
import type { AppliedContent } from '../../lambdas/shared/workspace-record';
import { anApproval } from '../support/approval-fixtures';
import { aPlan, aPlaybook, inMemoryChangeStore } from '../support/change-fixtures';
import { aLease } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

const digest = (letter: string): string => letter.repeat(64);
const applied: AppliedContent = {
  runId: 'run-0',
  changeId: 'run-0-1',
  at: '2025-12-01T00:00:00Z',
  module: 'local-host',
  moduleDigest: digest('a'),
  variables: {},
  role: 'web-service',
  roleDigest: digest('b'),
  roleVariables: {},
};

const prepare = (
  last?: AppliedContent,
  catalogue = { module: digest('a'), role: digest('b') },
  frozen?: Freeze,
) => {
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const changes = inMemoryChangeStore();
  const workspaces = inMemoryWorkspaceStore();
  if (last) workspaces.workspaces.set('demo/web-01', { workspace: 'demo/web-01', applied: last });
  const objects = new Set<string>();
  const now = () => new Date('2026-01-01T00:30:00Z');
  const decided = anApproval('');
  const findReentry = makeFindReentry({
    changes,
    readDecision: async () => decided,
    workspaces,
    exists: async (key) => objects.has(key),
    now,
  });
  const beginRun = makeBeginRun({
    runs,
    leases: runs.leaseStore,
    freezes: { find: async () => frozen },
    findReentry,
    ledger,
    workspaces,
    onFargate: ['plan', 'apply'],
    waiting: ['vm-provisioning'],
    mostTimeToLiveHours: 720,
    digests: { module: () => catalogue.module, role: () => catalogue.role, script: () => digest('e') },
    validateModuleVariables: refusing('module'),
    validateRoleVariables: refusing('role'),
    validateScriptParameters: refusing('script'),
    now,
  });
  return { runs, ledger, beginRun, findReentry, changes, workspaces, objects, decided };
};

/** A catalogue that does not know the variable `old` any more. */
const refusing = (kind: string) => (_: string, variables: Variables) => {
  if ('old' in variables) throw new InvalidInputError(`The ${kind} has no variable "old".`);
  return variables;
};

const start = (name: string, input: Record<string, unknown> = {}): BeginRunInput => ({
  workflow: 'vm-provisioning',
  execution: { arn: `arn:execution:${name}`, name, startedAt: '2026-01-01T00:00:00Z' },
  input: { workspace: 'demo/web-01', module: 'local-host', role: 'web-service', reason: 'a test', ...input },
});

test('records the run, takes the lease and writes the ledger', async () => {
  const { runs, ledger, beginRun } = prepare();
  const output = await beginRun(start('run-1', { requestedBy: 'dana', timeToLiveHours: 24 }));
  expect(output.variables).toEqual({ time_to_live_hours: 24 });
  expect(output.run).toMatchObject({ runId: 'run-1', workspace: 'demo/web-01' });
  expect(runs.leases.get('demo/web-01')?.runId).toBe('run-1');
  expect(ledger.events).toMatchObject([
    { type: 'run.started', actor: 'unverified:person:dana', tenant: 'demo' },
  ]);
});

test('an execution that another one started says so to Step Functions only', async () => {
  const { beginRun } = prepare();
  const parent = { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:execution:run-0' };
  expect(await beginRun(start('run-1', parent))).toMatchObject({ run: { workspace: 'demo/web-01' } });
  await expect(beginRun(start('run-2', { SOMETHING_ELSE: 'x' }))).rejects.toThrow(/SOMETHING_ELSE/);
});

test('a workflow that cannot wait says so, before it takes the workspace', async () => {
  const { runs, ledger, beginRun } = prepare();
  const input = { ...start('run-1', { whenBusy: 'wait' }), workflow: 'rotate-things' };
  await expect(beginRun(input)).rejects.toThrow(
    new InvalidInputError(
      'The input does not fit: whenBusy cannot be "wait", since rotate-things has no state that waits for its workspace. ' +
        'Start it without; or give its definition "May it wait?" and "Wait for workspace", as docs/guides/new-workflow.md says.',
    ),
  );
  expect(runs.leases.size + ledger.events.length).toBe(0);
  await expect(
    beginRun({ ...start('run-2', { whenBusy: 'refuse' }), workflow: 'rotate-things' }),
  ).resolves.toMatchObject({ attempt: 1 });
});

test('a retried step gives the same answer and one ledger entry', async () => {
  const { ledger, beginRun } = prepare();
  const first = await beginRun(start('run-1'));
  expect(await beginRun(start('run-1'))).toEqual(first);
  expect(ledger.events).toHaveLength(1);
});

test('refuses a workspace that another run has, naming that run, and records the refused run', async () => {
  const { runs, beginRun } = prepare();
  await beginRun(start('run-1'));
  await expect(beginRun(start('run-2'))).rejects.toThrow(WorkspaceBusyError);
  await expect(beginRun(start('run-2'))).rejects.toThrow(/demo\/web-01 is busy with run run-1/);
  expect(runs.runs.get('run-2')?.status).toBe('running');
});

test.each([
  ['an unknown field', { approver: 'me' }, /approver/],
  ['a workspace that climbs', { workspace: '../../x' }, /workspace: write it as/],
  ['a workspace that looks like an option', { workspace: '-destroy/x' }, /workspace: write it as/],
  ['a missing reason', { reason: '  ' }, /reason/],
  ['a time to live given twice', { timeToLiveHours: 1, variables: { time_to_live_hours: 2 } }, /given twice/],
])('refuses %s before it takes the lease', async (_, input, message) => {
  const { runs, beginRun } = prepare();
  const refused = beginRun(start('run-1', input));
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow(message);
  expect(runs.leases.size).toBe(0);
});

test.each([
  ['ten thousand levels', { variables: { a: JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`) } }],
  [
    'ten thousand levels of objects',
    { roleVariables: JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`) },
  ],
  [
    'ten thousand levels in the wrong place',
    { reason: JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`) },
  ],
  ['__proto__ as a field', JSON.parse('{"__proto__":{"approver":"me"}}')],
  ['__proto__ as a variable', { variables: JSON.parse('{"__proto__":{"name":"x"}}') }],
  ['no object', JSON.parse('{"variables":[]}')],
])('refuses %s by name', async (_, more) => {
  const { runs, beginRun } = prepare();
  const given = start('run-1');
  const input = Object.defineProperties(
    { ...(given.input as object) },
    Object.getOwnPropertyDescriptors(more),
  );
  await expect(beginRun({ ...given, input })).rejects.toThrow(InvalidInputError);
  expect(runs.leases.size).toBe(0);
});

test.each(['nonsense', 'x'.repeat(200), '', null, 7, {}])(
  'the invalid traceparent %j starts a new trace and fails nothing',
  async (traceparent) => {
    const { beginRun } = prepare();
    const { run } = await beginRun(start('run-1', { traceparent }));
    expect(run.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  },
);

test('a run that was stopped while it began takes no workspace', async () => {
  for (const call of ['create', 'describe'] as const) {
    const { runs, beginRun } = prepare();
    const real = runs[call] as (...given: unknown[]) => Promise<unknown>;
    Object.assign(runs, {
      [call]: async (...given: unknown[]) => {
        const answer = await real(...given);
        await runs.markStopping('run-1');
        return answer;
      },
    });
    await expect(beginRun(start('run-1'))).rejects.toThrow(RunStoppedError);
    expect(runs.leases.size).toBe(0);
  }
});

test('a retry keeps what the first call recorded, so that its workspace can be given back', async () => {
  const { runs, beginRun } = prepare();
  await beginRun(start('run-1'));
  runs.describe = async () => {
    throw new Error('throttled');
  };
  await expect(beginRun(start('run-1'))).rejects.toThrow('throttled');
  expect(runs.runs.get('run-1')?.workspace).toBe('demo/web-01');
});

test('refuses a workflow that nobody can start', async () => {
  const refused = prepare().beginRun({ ...start('run-1'), workflow: '__proto__' });
  await expect(refused).rejects.toThrow('names itself by no name');
});

test('refuses a name that another execution has', async () => {
  const { beginRun } = prepare();
  const first = start('run-1');
  await beginRun(first);
  const second = beginRun({ ...first, execution: { ...first.execution, arn: 'arn:another' } });
  await expect(second).rejects.toThrow(InvalidInputError);
  await expect(second).rejects.toThrow(/A run named run-1 exists already/);
});

test('control and bidi characters in the reason cannot draw anything', async () => {
  const { beginRun } = prepare();
  const { reason } = await beginRun(start('run-1', { reason: 'fix\u001b[2J \u202e0 to destroy\nok' }));
  expect(reason).toBe('fix\ufffd[2J \ufffd0 to destroy\ufffdok');
});

describe('pins', () => {
  test('a workspace that was never brought to anything is pinned to nothing', async () => {
    expect((await prepare().beginRun(start('run-1'))).pins).toEqual({ module: null, role: null });
  });

  test('a workspace is pinned to the module and the role that it was last brought to', async () => {
    expect((await prepare(applied).beginRun(start('run-1'))).pins).toEqual({
      module: { digest: digest('a'), upgrade: false },
      role: { digest: digest('b'), upgrade: false },
    });
    const other = start('run-1', { module: 'vm', upgrade: true });
    expect((await prepare(applied).beginRun(other)).pins).toEqual({
      module: null,
      role: { digest: digest('b'), upgrade: true },
    });
  });

  test('variables are those of what is pinned, unless an upgrade is asked for', async () => {
    const moved = { module: digest('c'), role: digest('d') };
    const given = { variables: { old: 1 }, roleVariables: { old: 1 } };
    const begun = await prepare(applied, moved).beginRun(start('run-1', given));
    expect(begun.variables).toEqual({ old: 1 });
    const upgrade = prepare(applied, moved).beginRun(start('run-1', { ...given, upgrade: true }));
    await expect(upgrade).rejects.toThrow('The module has no variable "old".');
    await expect(prepare(applied).beginRun(start('run-1', given))).rejects.toThrow(InvalidInputError);
    const steering = { roleVariables: { ansible_connection: 'local' } };
    await expect(prepare(applied, moved).beginRun(start('run-1', steering))).rejects.toThrow('ansible_');
  });

  test('a module of a repository is pinned by its commit, and knows its variables itself', async () => {
    const source = { git: 'https://git.example.com/team/modules.git', commit: 'a'.repeat(40), path: 'box' };
    const own = { module: 'local-host', source, variables: { old: 1 } };
    const begun = await prepare(applied).beginRun(start('run-1', own));
    expect(begun).toMatchObject({ source, variables: { old: 1 }, pins: { module: { upgrade: true } } });
    const branch = prepare().beginRun(start('run-1', { ...own, source: { ...source, commit: 'main' } }));
    await expect(branch).rejects.toThrow('the whole commit, 40 hex digits');
  });
});
const startOf = (workflow: string, input: Record<string, unknown> = {}): BeginRunInput => ({
  ...start('run-1'),
  workflow,
  input: { workspace: 'demo/web-01', ...input },
});

describe('what was applied', () => {
  const brought = { ...applied, variables: { name: 'web-01' }, roleVariables: { port: 80 } };

  test.each(['decommission', 'drift-check', 'compliance-check'])(
    '%s works on what the workspace was brought to',
    async (name) => {
      const { beginRun } = prepare(brought, { module: digest('c'), role: digest('d') });
      expect(await beginRun(startOf(name, { reason: 'The end' }))).toMatchObject({
        module: 'local-host',
        variables: { name: 'web-01' },
        role: 'web-service',
        roleVariables: { port: 80 },
        pins: {
          module: { digest: digest('a'), upgrade: false },
          role: { digest: digest('b'), upgrade: false },
        },
        enterAt: 'plan',
      });
    },
  );

  test.each(['decommission', 'drift-check', 'compliance-check'])(
    '%s refuses a workspace in which nothing is',
    async (name) => {
      const { runs, beginRun } = prepare();
      const refused = beginRun(startOf(name, { reason: 'The end' }));
      await expect(refused).rejects.toThrow(NothingAppliedError);
      await expect(refused).rejects.toThrow(/^Nothing is known to be applied in demo\/web-01/);
      expect(runs.leases.size).toBe(0);
    },
  );

  test('vm-provisioning brings a workspace back to it, when asked to', async () => {
    const old = { ...brought, variables: { old: 1 }, roleVariables: { old: 2 } };
    const { beginRun } = prepare(old, { module: digest('c'), role: digest('d') });
    const given = { asApplied: true, reason: 'It drifted', onFailure: 'restore' };
    expect(await beginRun(startOf('vm-provisioning', given))).toMatchObject({
      module: 'local-host',
      source: null,
      variables: { old: 1 },
      role: 'web-service',
      roleVariables: { old: 2 },
      onFailure: 'restore',
      pins: {
        module: { digest: digest('a'), upgrade: false },
        role: { digest: digest('b'), upgrade: false },
      },
    });
  });

  describe('extending its time to live', () => {
    const living = { ...brought, variables: { name: 'web-01', time_to_live_hours: 24 } };
    const endsAt = (expiresAt: string) => ({ expiresAt, warned: null, endedBy: null });
    const extend = async (last: AppliedContent, extendByHours: number, expiresAt?: string) => {
      const { beginRun, workspaces } = prepare(last);
      if (expiresAt) await workspaces.setTimeToLive('demo/web-01', endsAt(expiresAt));
      return beginRun(startOf('vm-provisioning', { asApplied: true, reason: 'Another week', extendByHours }));
    };

    test('adds hours to what was applied, and changes nothing else', async () => {
      expect(await extend(living, 168, '2026-01-01T12:00:00.000Z')).toMatchObject({
        module: living.module,
        variables: { name: 'web-01', time_to_live_hours: 192 },
        role: living.role,
      });
    });

    test.each([
      ['one that has none', brought, 24, undefined, 'demo/web-01 has no time to live that could be extended'],
      [
        'more than the configuration allows',
        living,
        697,
        undefined,
        'A time to live of 721 hours is too long: 720',
      ],
      [
        'what would be over all the same',
        living,
        1,
        '2025-12-31T00:00:00.000Z',
        'It would be over at 2025-12-31T01',
      ],
    ])('refuses %s', async (_, last, hours, expiresAt, message) => {
      await expect(extend(last, hours, expiresAt)).rejects.toThrow(InvalidInputError);
      await expect(extend(last, hours, expiresAt)).rejects.toThrow(message);
    });

    test('what was applied before the limit was lowered stays', async () => {
      const { beginRun } = prepare({ ...living, variables: { time_to_live_hours: 8000 } });
      const asIs = startOf('vm-provisioning', { asApplied: true, reason: 'It drifted' });
      expect(await beginRun(asIs)).toMatchObject({ variables: { time_to_live_hours: 8000 } });
      await expect(prepare().beginRun(start('run-2', { timeToLiveHours: 721 }))).rejects.toThrow(
        'Give it less.',
      );
    });
  });

  test.each([
    ['names what it may not', brought, { module: 'local-host' }, /Unrecognized key: "module"/],
    ['finds no role', { ...brought, role: null, roleDigest: null }, {}, /without a role/],
    ['finds nothing', undefined, {}, /^Nothing is known to be applied in demo\/web-01/],
  ])('what brings a workspace back is refused when it %s', async (_, last, more, message) => {
    const { runs, beginRun } = prepare(last);
    const given = { asApplied: true, reason: 'It drifted', ...more };
    await expect(beginRun(startOf('vm-provisioning', given))).rejects.toThrow(message);
    expect(runs.leases.size).toBe(0);
  });

  test('the remains of a first run that failed are decommissioned by module and variables', async () => {
    const given = { reason: 'The end', module: 'local-host', variables: { name: 'web-01' } };
    const begun = await prepare().beginRun(startOf('decommission', given));
    expect(begun).toMatchObject({ module: 'local-host', variables: { name: 'web-01' }, role: null });
    await expect(prepare(brought).beginRun(startOf('decommission', given))).rejects.toThrow(
      'demo/web-01 was brought to the module local-host by run run-0, which is what is destroyed.',
    );
    const halfGiven = startOf('decommission', { reason: 'The end', variables: {} });
    await expect(prepare().beginRun(halfGiven)).rejects.toThrow(/variables: give them together/);
  });

  test('a freeze does not keep anybody from looking', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const frozen: Freeze = { scope: 'all', by: 'sam', reason: 'Audit.', at, until: null };
    const { beginRun } = prepare(brought, undefined, frozen);
    await expect(beginRun(startOf('decommission', { reason: 'The end' }))).rejects.toThrow(
      WorkspaceFrozenError,
    );
    const { beginRun: look } = prepare(brought, undefined, frozen);
    expect((await look(startOf('drift-check'))).run.workspace).toBe('demo/web-01');
  });
});

test('a frozen workspace is not begun in', async () => {
  const until = '2026-01-02T00:00:00.000Z';
  const { runs, beginRun } = prepare(undefined, undefined, {
    scope: 'all',
    by: 'sam',
    reason: 'Audit.',
    at: until,
    until,
  });
  const refused = beginRun(start('run-1'));
  await expect(refused).rejects.toThrow(WorkspaceFrozenError);
  await expect(refused).rejects.toThrow(/Everything is frozen until 2 Jan 2026, 00:00 UTC, by sam/);
  expect(runs.leases.size).toBe(0);
});

/** A run whose change was approved and that failed after it. */
const prepareFailed = async () => {
  const all = prepare();
  const { runs, beginRun, changes, ledger } = all;
  const { run, ...begun } = await beginRun(start('run-1', { roleVariables: { port: 80 } }));
  const { change, summary } = await makeBindChange({ changes, runs, workspaces: all.workspaces, ledger })({
    workflow: 'vm-provisioning',
    run,
    enteredAt: '2026-01-01T00:00:00.000Z',
    reason: begun.reason,
    requestedBy: null,
    approvalTimeoutSeconds: 3600,
    plan: aPlan,
    playbook: aPlaybook,
    script: null,
  });
  all.decided.digest = change.digest;
  await runs.end('run-1', { outcome: 'failed', endedAt: '2026-01-01T00:20:00.000Z', result: {} });
  await runs.leaseStore.release({ workspace: 'demo/web-01', runId: 'run-1', at: '2026-01-01T00:29:00.000Z' });
  const resume = (name: string, from = 'run-1') => {
    const given = start(name);
    return beginRun({ ...given, input: { workspace: 'demo/web-01', resume: from } });
  };
  const done = (...tasks: string[]) => {
    const at = '2026-01-01T00:15:00.000Z';
    const finished = Object.fromEntries(tasks.map((task) => [task, { changeId: change.id, at, seconds: 3 }]));
    return runs.setResumes('run-1', { finished });
  };
  const planned = (changeId: string) =>
    all.workspaces.setNewestChange('demo/web-01', { changeId, runId: 'run', at: '2026-01-01T00:12:00.000Z' });
  return { ...all, change, summary, resume, done, planned };
};

test('a resumed run takes over the input, and goes on where nothing was begun', async () => {
  const { runs, change, summary, resume, ledger } = await prepareFailed();
  expect(await resume('run-2')).toMatchObject({
    run: { runId: 'run-2', workspace: 'demo/web-01' },
    roleVariables: { port: 80 },
    attempt: 2,
    enterAt: 'apply',
    change,
    summary,
    decision: { answers: [{ person: 'dana' }] },
  });
  expect(runs.runs.get('run-2')).toMatchObject({ resumes: { runId: 'run-1', changeId: change.id }, change });
  expect(ledger.events.at(-1)).toMatchObject({
    type: 'run.started',
    data: { resumes: 'run-1', enterAt: 'apply' },
  });
});

test.each([
  ['the apply was begun and not finished', [], 'plan'],
  ['the apply is finished', ['terraform-apply'], 'configure'],
  ['the hosts are configured', ['terraform-apply', 'ansible-run-run'], 'scan'],
] as const)('when %s, it goes on from "%s"', async (_, tasks, enterAt) => {
  const { change, resume, done, objects } = await prepareFailed();
  await done(...tasks);
  objects.add(`runs/run-1/results/apply-${change.id.slice(-8)}.started.json`);
  expect(await resume('run-2')).toMatchObject({ enterAt, change: enterAt === 'plan' ? null : change });
});

test('what undid a failed run is not carried on: it is planned anew', async () => {
  const { runs, change, changes, resume } = await prepareFailed();
  const undoing = { ...(await changes.get(change)), compensates: 'destroy' as const };
  await runs.setResumes('run-1', { change: await changes.put(undoing) });
  expect(await resume('run-2')).toMatchObject({ enterAt: 'plan', change: null });
});

test('a resumed run that failed again is resumed with what both did', async () => {
  const { runs, change, resume, done } = await prepareFailed();
  await done('terraform-apply');
  await resume('run-2');
  await runs.end('run-2', { outcome: 'failed', endedAt: '2026-01-01T00:25:00.000Z', result: {} });
  await runs.leaseStore.release({ workspace: 'demo/web-01', runId: 'run-2', at: '2026-01-01T00:29:00.000Z' });
  expect(await resume('run-3', 'run-2')).toMatchObject({ enterAt: 'configure', change, attempt: 3 });
});

test.each([
  ['another change was planned since', async ({ planned }) => planned('another')],
  ['the decision was another', async ({ decided }) => void Object.assign(decided, { status: 'rejected' })],
  ['other content was approved', async ({ decided }) => void Object.assign(decided, { digest: 'other' })],
] as [string, (all: Awaited<ReturnType<typeof prepareFailed>>) => Promise<void>][])(
  'plans anew when %s, and may carry on nothing',
  async (_, before) => {
    const all = await prepareFailed();
    await before(all);
    expect(await all.resume('run-2')).toMatchObject({ enterAt: 'plan', change: null });
    expect(all.runs.runs.get('run-2')?.resumes).toEqual({ runId: 'run-1', changeId: null });
  },
);

test.each([
  ['there is none', {}, 'run-9', /no such run/],
  ['it still runs', { status: 'running' }, 'run-1', /has not ended/],
  ['it succeeded', { outcome: 'applied' }, 'run-1', /ended as applied/],
  ['it was rejected', { outcome: 'rejected' }, 'run-1', /ended as rejected/],
  ['it is another workspace\u2019s', { workspace: 'demo/other' }, 'run-1', /one of demo\/other/],
  ['it is another workflow\u2019s', { workflow: 'other' }, 'run-1', /one of other/],
  ['its input was refused', { content: undefined }, 'run-1', /never accepted/],
] as [string, Partial<RunRecord>, string, RegExp][])(
  'refuses to resume a run when %s',
  async (_, given, from, message) => {
    const { runs, resume } = await prepareFailed();
    const run = runs.runs.get('run-1') as RunRecord;
    runs.runs.set('run-1', { ...run, ...given });
    const refused = resume('run-2', from);
    await expect(refused).rejects.toThrow(NotResumableError);
    await expect(refused).rejects.toThrow(message);
    expect(runs.leases.size).toBe(0);
  },
);

test('a workflow is entered only where it can be', async () => {
  const { runs, change, findReentry } = await prepareFailed();
  const entries = ['plan', 'apply'] as const;
  const wanted = { runId: 'run-1', workflow: 'vm-provisioning', workspace: 'demo/web-01' };
  const failed = runs.runs.get('run-1');
  expect(() => requireResumable(failed, wanted, [])).toThrow(/nothing to go on with/);
  const at = '2026-01-01T00:15:00.000Z';
  const finished = { 'terraform-apply': { changeId: change.id, at, seconds: 3 } };
  const resumed = { ...requireResumable(failed, wanted, entries), finished };
  expect(await findReentry(resumed)).toMatchObject({ enterAt: 'plan', change: null });
  expect(await findReentry({ ...resumed, entries: [...entries, 'configure'] })).toMatchObject({
    enterAt: 'configure',
  });
});

test('nothing of the input may differ when a run is resumed', async () => {
  const { beginRun } = await prepareFailed();
  const refused = beginRun(start('run-2', { resume: 'run-1' }));
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow(/of which nothing may differ/);
});

test('a run plans and applies where it had the time; one that ran out of it is resumed on Fargate', async () => {
  const { beginRun, runs, workspaces, ledger } = prepare();
  workspaces.workspaces.set('demo/web-01', {
    workspace: 'demo/web-01',
    durations: { 'terraform-plan': 540 },
  });
  const places = {
    plan: { runsOn: 'fargate', because: 'the last plan here took 9 min' },
    apply: { runsOn: 'lambda', because: 'no apply was done here before' },
  };
  expect(await beginRun(start('run-1'))).toMatchObject({ places });
  expect(runs.runs.get('run-1')).toMatchObject({ places });
  expect(ledger.events).toMatchObject([{ type: 'run.started', data: { places } }]);

  await runs.end('run-1', { outcome: 'failed', endedAt: '2026-01-01T00:20:00.000Z', result: {} });
  await runs.leaseStore.release({ workspace: 'demo/web-01', runId: 'run-1', at: '2026-01-01T00:20:00.000Z' });
  await workspaces.setDurations('demo/web-01', {}, ['terraform-apply']);
  const input = { workspace: 'demo/web-01', resume: 'run-1', whenBusy: 'wait', waitTimeoutSeconds: 60 };
  const again = await beginRun({ ...start('run-2'), input });
  expect(again.places.apply).toEqual({ runsOn: 'fargate', because: 'the last apply here ran out of time' });
});

describe('a preview', () => {
  const preview = (input: Record<string, unknown> = {}): BeginRunInput => {
    const { workflow: _, input: given, ...rest } = start('preview-1');
    const { role: __, ...module } = given as Record<string, unknown>;
    return { ...rest, workflow: 'plan-preview', input: { ...module, ...input } };
  };

  test('begins while another run has the workspace, frozen or not, and holds nothing', async () => {
    const { beginRun, runs } = prepare(applied, undefined, {
      scope: 'demo/web-01',
      reason: 'x',
      by: 'y',
      since: '2026-01-01T00:00:00Z',
    } as unknown as Freeze);
    runs.leases.set('demo/web-01', aLease('demo/web-01', 'another-run'));
    const output = await beginRun(preview());
    expect(output).toMatchObject({ preview: true, role: null, enterAt: 'plan' });
    expect(runs.leases.get('demo/web-01')?.runId).toBe('another-run');
    expect(runs.runs.get('preview-1')?.content?.preview).toBe(true);
  });

  test('takes a module at a commit, and its variables as they come', async () => {
    const { beginRun } = prepare();
    const source = { git: 'https://github.com/team/work.git', commit: 'c'.repeat(40), path: 'web' };
    const output = await beginRun(preview({ module: 'web', source, variables: { old: 1 } }));
    expect(output).toMatchObject({ source, variables: { old: 1 } });
  });

  test('takes nothing that only an apply needs', async () => {
    const { beginRun } = prepare();
    await expect(beginRun(preview({ role: 'web-service' }))).rejects.toThrow(InvalidInputError);
  });
});
