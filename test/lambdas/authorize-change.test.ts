import { makeAuthorizeChange } from '../../lambdas/authorize-change/authorize-change';
import { makeBindChange } from '../../lambdas/bind-change/bind-change';
import type { ReadDecision } from '../../lambdas/shared/decided-approval';
import {
  ApprovalExpiredError,
  ChangeSupersededError,
  ContentDamagedError,
  ContentSwappedError,
  ForeignChangeError,
  LeaseLostError,
  NotApprovedError,
  RunStoppedError,
  WorkspaceFrozenError,
} from '../../lambdas/shared/errors';
import type { Freeze } from '../../lambdas/shared/freeze-store';
import { anApproval } from '../support/approval-fixtures';
import { aBindInput, aRun, inMemoryChangeStore } from '../support/change-fixtures';
import { aLease, inMemoryLeases } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

type Decided = NonNullable<Awaited<ReturnType<ReadDecision>>>;

const prepare = async (
  decided?: Partial<Decided>,
  runStatus: 'running' | 'stopping' = 'running',
  now = '2026-01-01T00:30:00Z',
  frozen?: Freeze,
) => {
  const changes = inMemoryChangeStore();
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const workspaces = inMemoryWorkspaceStore();
  runs.runs.set('run-1', {
    ...aRun,
    workflow: 'vm-provisioning',
    executionArn: 'arn',
    startedAt: '2026-01-01T00:00:00.000Z',
    status: runStatus,
  });
  const { change } = await makeBindChange({ changes, runs, workspaces, ledger: recordingLedger() })(
    aBindInput(),
  );
  const approval = anApproval(change.digest, { expiresAt: '2026-01-01T01:30:00.000Z', ...decided });
  const { leases, leaseStore } = inMemoryLeases(runs.runs);
  leases.set(aRun.workspace, aLease(aRun.workspace, aRun.runId));
  const authorize = makeAuthorizeChange({
    readDecision: async () => (decided === undefined ? undefined : approval),
    changes,
    runs,
    leases: leaseStore,
    freezes: { find: async () => frozen },
    workspaces,
    ledger,
    now: () => new Date(now),
  });
  return { authorize, change, ledger, runs, workspaces, leases, leaseStore };
};

test('lets an approved change through and records who approved it', async () => {
  const { authorize, change, ledger } = await prepare({});
  const { decision } = await authorize({ run: aRun, change, part: 'apply' });
  expect(decision).toMatchObject({ outcome: 'approved', answers: [{ person: 'dana' }] });
  expect(ledger.events).toMatchObject([
    { type: 'apply.authorized', actor: 'person:dana', data: { digest: change.digest } },
  ]);
});

test.each([
  ['nobody was asked', undefined, NotApprovedError, /nobody was asked/],
  ['the approval is pending', { status: 'pending' as const }, NotApprovedError, /its approval is pending/],
  ['it was rejected', { status: 'rejected' as const }, NotApprovedError, /its approval is rejected/],
  ['it expired', { status: 'expired' as const }, ApprovalExpiredError, /nobody answered in time/],
  ['the run was ended', { status: 'voided' as const }, NotApprovedError, /its approval is voided/],
  ['other content was approved', { digest: '9'.repeat(64) }, ContentSwappedError, /other content/],
  [
    'the approval came after the expiry',
    { decidedAt: '2026-01-01T02:00:00.000Z' },
    ApprovalExpiredError,
    /approved after the time for it/,
  ],
])('refuses when %s, and records nothing as authorized', async (_, decided, type, message) => {
  const { authorize, change, ledger } = await prepare(decided);
  const refused = authorize({ run: aRun, change, part: 'apply' });
  await expect(refused).rejects.toThrow(type);
  await expect(refused).rejects.toThrow(message);
  expect(ledger.events).toHaveLength(0);
});

test('refuses a change of another run or workspace, and one whose bytes are not the bound ones', async () => {
  const { authorize, change } = await prepare({});
  const foreign = authorize({ run: { ...aRun, workspace: 'demo/other' }, change, part: 'apply' });
  await expect(foreign).rejects.toThrow(ForeignChangeError);
  const other = authorize({ run: { ...aRun, runId: 'run-2' }, change, part: 'apply' });
  await expect(other).rejects.toThrow(ForeignChangeError);
  const swapped = authorize({ run: aRun, change: { ...change, digest: '9'.repeat(64) }, part: 'apply' });
  await expect(swapped).rejects.toThrow(ContentDamagedError);
});

test('refuses once the run has been stopped', async () => {
  const { authorize, change } = await prepare({}, 'stopping');
  await expect(authorize({ run: aRun, change, part: 'configure' })).rejects.toThrow(RunStoppedError);
});

test('a newer plan of the workspace voids the approval', async () => {
  const { authorize, change, workspaces } = await prepare({});
  const newer = { changeId: 'run-1-ffffffff', runId: 'run-1', at: '2026-01-01T00:20:00.000Z' };
  await workspaces.setNewestChange(aRun.workspace, newer);
  const refused = authorize({ run: aRun, change, part: 'apply' });
  await expect(refused).rejects.toThrow(ChangeSupersededError);
  await expect(refused).rejects.toThrow('Decide on change run-1-ffffffff');
});

test('an approval that is older than an hour past its expiry begins nothing, and lets end what was begun', async () => {
  const { authorize, change } = await prepare({}, 'running', '2026-01-01T02:00:01Z');
  await expect(authorize({ run: aRun, change, part: 'apply' })).rejects.toThrow(ApprovalExpiredError);
  await expect(authorize({ run: aRun, change, part: 'configure' })).resolves.toBeDefined();
  const inTime = await prepare({}, 'running', '2026-01-01T02:00:00Z');
  await expect(inTime.authorize({ run: aRun, change: inTime.change, part: 'apply' })).resolves.toBeDefined();
});

test('a run carries on the change that its own record names, and no other of the run that it resumes', async () => {
  const { authorize, change, runs, leases } = await prepare({});
  const first = runs.runs.get('run-1');
  if (!first) throw new Error('no run');
  leases.set(aRun.workspace, aLease(aRun.workspace, 'run-2'));
  const resumed = { ...aRun, runId: 'run-2' };
  const resumes = (changeId: string | null) =>
    runs.runs.set('run-2', { ...first, runId: 'run-2', resumes: { runId: 'run-1', changeId } });
  for (const other of [null, `${change.id}-other`]) {
    resumes(other);
    const refused = authorize({ run: resumed, change, part: 'configure' });
    await expect(refused).rejects.toThrow(ForeignChangeError);
  }
  resumes(change.id);
  await expect(authorize({ run: resumed, change, part: 'configure' })).resolves.toBeDefined();
});

test('refuses while the workspace is frozen, and says by whom, why and until when', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const freeze = { scope: 'demo', by: 'sam', reason: 'Audit week.', at, until: null };
  const { authorize, change, ledger } = await prepare({}, 'running', undefined, freeze);
  const refused = authorize({ run: aRun, change, part: 'apply' });
  await expect(refused).rejects.toThrow(WorkspaceFrozenError);
  await expect(refused).rejects.toThrow(
    /demo is frozen until it is lifted, by sam since 1 Jan 2026.*Audit week/,
  );
  expect(ledger.events).toHaveLength(0);
});

test('refuses a run that has no lease of its workspace, and names who has it', async () => {
  const { authorize, change, ledger, leases } = await prepare({});
  for (const part of ['apply', 'configure', 'script'] as const) {
    leases.set(aRun.workspace, aLease(aRun.workspace, 'run-2'));
    const refused = authorize({ run: aRun, change, part });
    await expect(refused).rejects.toThrow(LeaseLostError);
    await expect(refused).rejects.toThrow(/run run-2 has it since 2026-01-01.*Resume the run/);
    leases.delete(aRun.workspace);
    await expect(authorize({ run: aRun, change, part })).rejects.toThrow('nobody has it');
  }
  expect(ledger.events).toHaveLength(0);
});

test.each([
  ['the run that was approved', 'run-1', 'run-2'],
  ['the run that resumes it', 'run-2', 'run-1'],
])(
  'of two runs that race for one workspace with one change, %s alone proceeds when it is first',
  async (_, first, second) => {
    const { authorize, change, runs, leases, leaseStore } = await prepare({});
    const run1 = runs.runs.get('run-1');
    if (!run1) throw new Error('no run');
    runs.runs.set('run-2', { ...run1, runId: 'run-2', resumes: { runId: 'run-1', changeId: change.id } });
    leases.delete(aRun.workspace);
    const race = async (runId: string) => {
      await leaseStore.acquire({ workspace: aRun.workspace, runId, at: '2026-01-01T00:15:00.000Z' });
      return authorize({ run: { ...aRun, runId }, change, part: 'apply' });
    };
    const ended = await Promise.allSettled([race(first), race(second)]);
    expect(ended).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(LeaseLostError) },
    ]);
  },
);
