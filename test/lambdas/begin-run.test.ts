import { makeBeginRun } from '../../lambdas/begin-run/begin-run';
import type { BeginRunInput } from '../../lambdas/begin-run/contract';
import type { Variables } from '../../lambdas/shared/contract';
import { InvalidInputError, RunStoppedError, WorkspaceBusyError } from '../../lambdas/shared/errors';
import type { AppliedContent } from '../../lambdas/shared/workspace-record';
import { inMemoryRunStore } from '../support/in-memory-run-store';
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

const prepare = (last?: AppliedContent, catalogue = { module: digest('a'), role: digest('b') }) => {
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const beginRun = makeBeginRun({
    runs,
    leases: runs.leaseStore,
    ledger,
    workspaces: { get: async (workspace) => ({ workspace, applied: last }) },
    digests: { module: () => catalogue.module, role: () => catalogue.role },
    validateModuleVariables: refusing('module'),
    validateRoleVariables: refusing('role'),
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  return { runs, ledger, beginRun };
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
  expect(ledger.events).toMatchObject([{ type: 'run.started', actor: 'unverified:dana', tenant: 'demo' }]);
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
});
