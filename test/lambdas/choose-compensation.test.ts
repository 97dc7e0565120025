import { boundPartsOf } from '../../lambdas/bind-change/bind-change';
import { makeChooseCompensation } from '../../lambdas/choose-compensation/choose-compensation';
import type { PlanDocument } from '../../lambdas/shared/plan-document';
import type { RunRecord } from '../../lambdas/shared/run-record';
import type { AppliedContent } from '../../lambdas/shared/workspace-record';
import { aContent, aPlan, aPlaybook, aRun, digest, inMemoryChangeStore } from '../support/change-fixtures';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { aRow } from '../support/plan-fixtures';

const row = (action: 'create' | 'update' | 'replace', ...addresses: string[]) =>
  aRow({
    action,
    type: 'aws_instance',
    members: addresses.map((address) => ({ address, attributes: [] })),
  });
type Row = ReturnType<typeof row>;
const planOf = (groups: Partial<Record<PlanDocument['groups'][number]['group'], Row[]>>): PlanDocument => ({
  version: 2,
  counts: { create: 0, update: 0, replace: 0, delete: 0 },
  groups: Object.entries(groups).map(([group, rows]) => ({
    group: group as PlanDocument['groups'][number]['group'],
    total: 1,
    rows: [],
    moreRows: 0,
    content: { page: { version: 2 as const, rows } },
  })),
  since: null,
});

const applied: AppliedContent = {
  runId: 'run-0',
  changeId: 'run-0-1',
  at: '2025-12-01T00:00:00Z',
  module: 'local-host',
  moduleDigest: digest('a'),
  variables: { name: 'before' },
  role: 'baseline',
  roleDigest: digest('b'),
  roleVariables: { port: 1 },
};

const prepare = async (given: { begun?: boolean; applied?: AppliedContent; plan?: PlanDocument } = {}) => {
  const changes = inMemoryChangeStore();
  const runs = inMemoryRunStore();
  const workspaces = inMemoryWorkspaceStore();
  if (given.applied) await workspaces.setApplied(aRun.workspace, given.applied);
  runs.runs.set(aRun.runId, { runId: aRun.runId, content: aContent } as RunRecord);
  const change = await changes.put({
    version: 1,
    id: 'run-1-12345678',
    runId: aRun.runId,
    workflow: 'vm-provisioning',
    workspace: aRun.workspace,
    reason: 'a test',
    requestedBy: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-02T00:00:00.000Z',
    ...boundPartsOf(aPlan, aPlaybook),
  });
  const choose = makeChooseCompensation({
    changes,
    runs,
    workspaces,
    readArtifact: async (_, schema) => schema.parse(given.plan ?? planOf({})),
    exists: async (key) => given.begun !== false && key === 'runs/run-1/results/apply-12345678.started.json',
  });
  return (wanted: 'restore' | 'destroy') => choose({ run: aRun, change, wanted });
};

test.each(['restore', 'destroy'] as const)('where the apply never began, %s keeps', async (wanted) => {
  const choose = await prepare({ begun: false, applied });
  expect(await choose(wanted)).toMatchObject({
    kind: 'keep',
    message: 'Nothing had been applied when the run failed.',
  });
});

test('restores the module, the role and the variables of the last whole success, by their digests', async () => {
  const choose = await prepare({ applied });
  expect(await choose('restore')).toEqual({
    kind: 'restore',
    message: null,
    module: 'local-host',
    pin: { digest: digest('a'), upgrade: false },
    variables: { name: 'before' },
    targets: [],
    role: 'baseline',
    rolePin: { digest: digest('b'), upgrade: false },
    roleVariables: { port: 1 },
  });
});

test('keeps, and says so, where there was nothing before', async () => {
  expect(await (await prepare())('restore')).toMatchObject({
    kind: 'keep',
    message: expect.stringMatching(/nothing to return to/),
  });
});

test('destroys exactly what the run was to create, with the content that it created it with', async () => {
  const plan = planOf({
    replace: [row('replace', 'aws_instance.replaced')],
    access: [row('create', 'aws_iam_role.this'), row('update', 'aws_iam_policy.older')],
    create: [row('create', 'aws_instance.this["a"]', 'aws_instance.this["b"]')],
    outputs: [row('create', 'inventory')],
  });
  expect(await (await prepare({ applied, plan }))('destroy')).toMatchObject({
    kind: 'destroy',
    module: 'local-host',
    pin: { digest: aPlan.digests.module, upgrade: false },
    variables: aContent.variables,
    targets: ['aws_iam_role.this', 'aws_instance.this["a"]', 'aws_instance.this["b"]'],
  });
});

test.each([
  ['nothing', planOf({ update: [row('update', 'aws_instance.a')] }), /create nothing/],
  [
    'too much',
    planOf({
      create: [row('create', ...Array.from({ length: 101 }, (_, index) => `aws_instance.a[${index}]`))],
    }),
    /Decommission the workspace/,
  ],
])('keeps where the run was to create %s', async (_, plan, message) => {
  const chosen = await (await prepare({ plan }))('destroy');
  expect(chosen).toMatchObject({ kind: 'keep', targets: [] });
  expect(chosen.message).toMatch(message);
});
