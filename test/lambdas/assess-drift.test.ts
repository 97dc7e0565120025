import { makeAcceptDrift } from '../../lambdas/accept-drift/accept-drift';
import { makeAssessDrift } from '../../lambdas/assess-drift/assess-drift';
import type { ObjectRef } from '../../lambdas/shared/contract';
import { sha256Hex } from '../../lambdas/shared/digest';
import { driftDocument } from '../../lambdas/shared/drift-document';
import { NoSuchDriftError } from '../../lambdas/shared/errors';
import type { PlanDocument } from '../../lambdas/shared/plan-document';
import type { PlayDocument } from '../../lambdas/shared/play-document';
import { aPlan, aPlaybook, aRun } from '../support/change-fixtures';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { aRow } from '../support/plan-fixtures';
import { recordingLedger } from '../support/recording-ledger';

const row = (action: 'update' | 'delete', ...addresses: string[]) =>
  aRow({
    action,
    type: 'aws_instance',
    members: addresses.map((address) => ({ address, attributes: [] })),
  });
const page = (...rows: ReturnType<typeof row>[]) => ({ version: 2 as const, rows });
const group = (
  name: PlanDocument['groups'][number]['group'],
  content: PlanDocument['groups'][number]['content'],
) => ({ group: name, total: 1, rows: [], moreRows: 0, content });
const planOf = (...groups: PlanDocument['groups']): PlanDocument => ({
  version: 2,
  counts: { create: 0, update: 0, replace: 0, delete: 0 },
  groups,
  since: null,
});
const playOf = (...tasks: [name: string, status: 'ok' | 'changed'][]): PlayDocument => ({
  version: 1,
  mode: 'check',
  role: 'web-service',
  variables: [],
  hosts: [
    {
      name: 'web-01',
      isNew: false,
      tasks: tasks.map(([name, status]) => ({ name, status, action: 'copy', detail: '' })),
    },
    {
      name: 'web-02',
      isNew: true,
      tasks: [{ name: 'Later', status: 'changed', action: 'copy', detail: '' }],
    },
  ],
});

const prepare = () => {
  const objects = new Map<string, unknown>();
  const ref = (key: string): ObjectRef => ({ ...aPlan.document, key });
  const workspaces = inMemoryWorkspaceStore();
  const ledger = recordingLedger();
  const assess = makeAssessDrift({
    readArtifact: async ({ key }, schema) => schema.parse(objects.get(key)),
    artifacts: {
      put: async (key, body) => {
        objects.set(key, JSON.parse(String(body)));
        return { ...ref(key), sha256: sha256Hex(body) };
      },
    },
    workspaces,
    ledger,
  });
  const check = (at: string, world: PlanDocument, plan: PlanDocument, play: PlayDocument | null) => {
    objects.set('world', world).set('plan', plan).set('play', play);
    return assess({
      run: { ...aRun, runId: `run-${at.slice(8, 10)}` },
      at,
      world: { ...aPlan, document: ref('world') },
      plan: { ...aPlan, document: ref('plan') },
      play: play && { ...aPlaybook, document: ref('play') },
    });
  };
  const found = (key: string) => driftDocument.parse(objects.get(key));
  return { objects, workspaces, ledger, check, found };
};

const first = '2026-01-01T00:00:00.000Z';
const second = '2026-01-02T00:00:00.000Z';
const third = '2026-01-03T00:00:00.000Z';
const drifted = planOf(group('update', { page: page(row('update', 'aws_instance.a')) }));

test('tells what drifted in the world, against the configuration and on hosts', async () => {
  const { check, found, ledger, objects } = prepare();
  objects.set('page-1', page(row('delete', 'aws_instance.b', 'aws_instance.c')));
  const paged = planOf(
    group('destroy', { pages: [{ key: 'page-1', versionId: 'v1', sha256: 'a'.repeat(64) }] }),
    group('since', { page: page(row('update', 'aws_instance.only_compared')) }),
  );
  const result = await check(first, drifted, paged, playOf(['Write page', 'changed'], ['Start', 'ok']));
  expect(result).toMatchObject({
    total: 4,
    new: 4,
    counts: { state: 1, configuration: 2, host: 1 },
    since: first,
  });
  expect(found('runs/run-01/drift.json').items).toMatchObject([
    { in: 'state', what: 'aws_instance.a', how: 'update' },
    { in: 'configuration', what: 'aws_instance.b', how: 'delete' },
    { in: 'configuration', what: 'aws_instance.c', how: 'delete' },
    { in: 'host', what: 'web-01', how: 'Write page' },
  ]);
  expect(ledger.events).toMatchObject([{ type: 'drift.checked', data: { total: 4, new: 4 } }]);
});

test('a drift keeps the time of its first sighting, is new once, and is forgotten when it is gone', async () => {
  const { check, found, workspaces } = prepare();
  await check(first, drifted, planOf(), null);
  const again = await check(second, drifted, planOf(), playOf(['Write page', 'changed']));
  expect(again).toMatchObject({ total: 2, new: 1, since: first });
  expect(found('runs/run-02/drift.json').items.map(({ since }) => since)).toEqual([first, second]);
  expect(await check(third, planOf(), planOf(), playOf())).toMatchObject({ total: 0, new: 0, since: null });
  expect(workspaces.workspaces.get('demo/web-01')?.drift).toMatchObject({ total: 0, since: {} });
  const back = await check('2026-01-04T00:00:00.000Z', drifted, planOf(), null);
  expect(back).toMatchObject({ new: 1, since: '2026-01-04T00:00:00.000Z' });
});

test('a retried step says the same, and tells the ledger once', async () => {
  const { check, ledger } = prepare();
  const once = await check(first, drifted, planOf(), null);
  expect(await check(first, drifted, planOf(), null)).toEqual(once);
  expect(ledger.events).toHaveLength(1);
});

describe('what somebody accepted', () => {
  const accept = async (
    { workspaces, ledger, objects }: ReturnType<typeof prepare>,
    more: { keys?: string[]; runId?: string } = {},
  ) =>
    makeAcceptDrift({
      workspaces,
      ledger,
      readArtifact: async ({ key }, schema) => schema.parse(objects.get(key)),
    })({
      run: { ...aRun, runId: more.runId ?? 'run-accept' },
      at: second,
      keys: more.keys ?? null,
      reason: 'It is meant so',
      requestedBy: 'dana',
    });
  const changed = (detail: string) => {
    const play = playOf();
    play.hosts[0]?.tasks.push({ name: 'Write page', status: 'changed', action: 'copy', detail });
    return play;
  };

  test('is not open and no news, and is counted apart, until it is gone', async () => {
    const all = prepare();
    await all.check(first, drifted, planOf(), changed('+a'));
    expect(await accept(all)).toMatchObject({ total: 0, accepted: 2, new: 0, since: null });
    expect(await all.check(second, drifted, planOf(), changed('+a'))).toMatchObject({
      total: 0,
      new: 0,
      accepted: 2,
      counts: { state: 0, configuration: 0, host: 0 },
    });
    expect(await all.check(third, drifted, planOf(), null)).toMatchObject({ total: 0, accepted: 1 });
    const back = await all.check('2026-01-04T00:00:00.000Z', drifted, planOf(), changed('+a'));
    expect(back).toMatchObject({ total: 1, new: 1, accepted: 1 });
  });

  test('is new again when it differs otherwise', async () => {
    const all = prepare();
    await all.check(first, planOf(), planOf(), changed('+a'));
    await accept(all);
    expect(await all.check(third, planOf(), planOf(), changed('+b'))).toMatchObject({
      total: 1,
      new: 1,
      accepted: 0,
      since: third,
    });
  });

  test('is what was named, and is recorded once, with its reason as a digest', async () => {
    const all = prepare();
    await all.check(first, drifted, planOf(), changed('+a'));
    const [key = ''] = all.found('runs/run-01/drift.json').items.map((item) => item.key);
    const once = await accept(all, { keys: [key] });
    expect(once).toMatchObject({ total: 1, accepted: 1 });
    expect(await accept(all, { keys: [key] })).toEqual(once);
    const told = all.ledger.events.filter(({ type }) => type === 'drift.accepted');
    expect(told).toMatchObject([{ actor: 'unverified:person:dana', data: { count: 1, keys: [key] } }]);
    expect(JSON.stringify(told)).not.toContain('meant so');
  });

  test('has to be there', async () => {
    const all = prepare();
    await expect(accept(all)).rejects.toThrow(NoSuchDriftError);
    await all.check(first, drifted, planOf(), null);
    await expect(accept(all, { keys: ['0'.repeat(16)] })).rejects.toThrow(/no drift with the key 0000/);
    expect(all.workspaces.workspaces.get('demo/web-01')?.drift?.accepted).toEqual({});
  });
});
