import fc from 'fast-check';
import { makeBindChange } from '../../lambdas/bind-change/bind-change';
import type { BindChangeInput } from '../../lambdas/bind-change/contract';
import { digestOf } from '../../lambdas/shared/digest';
import { aBindInput, aPlan, aPlaybook, aRun, aScript, inMemoryChangeStore } from '../support/change-fixtures';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

const bind = async (given: BindChangeInput) => {
  const changes = inMemoryChangeStore();
  const ledger = recordingLedger();
  const workspaces = inMemoryWorkspaceStore();
  const bindChange = makeBindChange({
    changes,
    runs: inMemoryRunStore(),
    workspaces,
    ledger,
  });
  return { ...(await bindChange(given)), changes, ledger, workspaces };
};

test('the digest is that of the stored change, and the id belongs to the run', async () => {
  const { change, changes, ledger } = await bind(aBindInput());
  expect(digestOf(changes.changes.get(change.digest))).toBe(change.digest);
  expect(change.id).toMatch(/^run-1-[0-9a-f]{8}$/);
  expect(changes.changes.get(change.digest)?.expiresAt).toBe('2026-01-01T01:00:00.000Z');
  expect(ledger.events).toMatchObject([{ type: 'change.bound', data: { digest: change.digest } }]);
});

test('a retried call binds the very same change and records it once', async () => {
  const changes = inMemoryChangeStore();
  const ledger = recordingLedger();
  const bindChange = makeBindChange({
    changes,
    runs: inMemoryRunStore(),
    workspaces: inMemoryWorkspaceStore(),
    ledger,
  });
  const first = await bindChange(aBindInput());
  expect(await bindChange(aBindInput())).toEqual(first);
  expect(changes.changes.size).toBe(1);
  expect(ledger.events).toHaveLength(1);
});

test('counts a replacement as an addition and a destruction', async () => {
  const { summary } = await bind(aBindInput());
  expect(summary).toMatchObject({ add: 4, change: 2, destroy: 7, playbookChanged: 5 });
});

test('asks nobody only when the plan is empty and the playbook changes nothing', async () => {
  const emptyPlan = { ...aPlan, empty: true };
  const still = { ...aPlaybook, changed: 0 };
  expect((await bind(aBindInput({ plan: emptyPlan, playbook: still }))).gate).toBe('none');
  expect((await bind(aBindInput({ plan: emptyPlan, playbook: null }))).gate).toBe('none');
  expect((await bind(aBindInput({ plan: emptyPlan }))).gate).toBe('required');
  expect((await bind(aBindInput({ playbook: still }))).gate).toBe('required');
  expect((await bind(aBindInput({ plan: emptyPlan, playbook: null, script: aScript }))).gate).toBe(
    'required',
  );
});

test('asks about an empty plan too when the policy on plans wants a stricter gate', async () => {
  const policy = { ...aPlan.policy, verdict: 'stricter-gate' as const };
  const { gate } = await bind(aBindInput({ plan: { ...aPlan, empty: true, policy }, playbook: null }));
  expect(gate).toBe('required');
});

test('the bound change is the newest of its workspace, and one that was bound later stays it', async () => {
  const { change, workspaces } = await bind(aBindInput());
  const at = '2026-01-01T00:00:00.000Z';
  expect((await workspaces.get(aRun.workspace))?.newestChange).toEqual({
    changeId: change.id,
    runId: 'run-1',
    at,
  });
  await workspaces.setNewestChange(aRun.workspace, {
    changeId: 'older',
    runId: 'run-0',
    at: '2025-12-31T00:00:00.000Z',
  });
  expect((await workspaces.get(aRun.workspace))?.newestChange?.changeId).toBe(change.id);
});

test('a difference in any bound digest makes another change', async () => {
  const { change } = await bind(aBindInput());
  const other = '9'.repeat(64);
  const variants: BindChangeInput[] = [
    aBindInput({ plan: { ...aPlan, plan: { ...aPlan.plan, sha256: other } } }),
    aBindInput({ plan: { ...aPlan, plan: { ...aPlan.plan, versionId: 'v2' } } }),
    aBindInput({ plan: { ...aPlan, digests: { ...aPlan.digests, module: other } } }),
    aBindInput({ plan: { ...aPlan, digests: { ...aPlan.digests, variables: other } } }),
    aBindInput({ plan: { ...aPlan, digests: { ...aPlan.digests, lockFile: other } } }),
    aBindInput({ plan: { ...aPlan, policy: { ...aPlan.policy, digest: other } } }),
    aBindInput({ plan: { ...aPlan, engine: { name: 'opentofu', version: '1.12.7' } } }),
    aBindInput({ playbook: { ...aPlaybook, digests: { ...aPlaybook.digests, role: other } } }),
    aBindInput({ playbook: { ...aPlaybook, digests: { ...aPlaybook.digests, variables: other } } }),
    aBindInput({ playbook: { ...aPlaybook, digests: { ...aPlaybook.digests, hosts: other } } }),
    aBindInput({ playbook: null }),
    aBindInput({ script: aScript }),
    aBindInput({ script: { ...aScript, digests: { ...aScript.digests, script: other } } }),
    aBindInput({ script: { ...aScript, digests: { ...aScript.digests, parameters: other } } }),
  ];
  const digests = await Promise.all(variants.map(async (variant) => (await bind(variant)).change.digest));
  expect(new Set([change.digest, ...digests]).size).toBe(variants.length + 1);
});

test('a gate is required whenever anything would change', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.nat({ max: 100 }), async (empty, changed) => {
      const { gate } = await bind(
        aBindInput({ plan: { ...aPlan, empty }, playbook: { ...aPlaybook, changed } }),
      );
      expect(gate).toBe(empty && changed === 0 ? 'none' : 'required');
    }),
  );
});
