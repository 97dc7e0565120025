import { makeListWorkspaces } from '../../lambdas/list-workspaces/list-workspaces';
import { reportDriftOutput } from '../../lambdas/report-drift/contract';
import { makeReportDrift } from '../../lambdas/report-drift/report-drift';
import type { ObjectRef } from '../../lambdas/shared/contract';
import { sha256Hex } from '../../lambdas/shared/digest';
import { runId as runIdShape } from '../../lambdas/shared/names';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { sweepDocument } from '../../lambdas/shared/sweep-document';
import { aRun } from '../support/change-fixtures';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';

const at = '2026-01-01T00:00:00.000Z';
const run = { ...aRun, workspace: 'all/drift-detection' };

const prepare = () => {
  const objects = new Map<string, string>();
  const artifacts = {
    put: async (key: string, body: string | Uint8Array): Promise<ObjectRef> => {
      objects.set(key, String(body));
      return { bucket: 'artifacts', key, versionId: 'v1', sha256: sha256Hex(body) };
    },
  };
  const workspaces = inMemoryWorkspaceStore();
  const runs = inMemoryRunStore();
  const list = makeListWorkspaces({ workspaces, artifacts });
  const report = makeReportDrift({
    runs,
    artifacts,
    readArtifact: async ({ key }, schema) => schema.parse(JSON.parse(objects.get(key) ?? '')),
  });
  const apply = (...names: string[]) => {
    for (const workspace of names)
      workspaces.workspaces.set(workspace, {
        workspace,
        applied: {
          runId: 'run-0',
          changeId: 'run-0-1',
          at,
          module: 'local-host',
          moduleDigest: 'a'.repeat(64),
          variables: {},
          role: null,
          roleDigest: null,
          roleVariables: {},
        },
      });
  };
  const listed = (key: string) =>
    JSON.parse(objects.get(key) ?? '[]') as { workspace: string; runId: string }[];
  /** The end that a check of a workspace recorded. */
  const ends = async (runId: string, outcome: RunRecord['outcome'], more: object = {}) => {
    const result = {
      runId,
      workflow: 'drift-check',
      workspace: 'demo/a',
      outcome,
      summary: null,
      decision: null,
      compliance: null,
      error: null,
      ...more,
    };
    runs.runs.set(runId, {
      runId,
      workflow: 'drift-check',
      executionArn: 'arn',
      startedAt: at,
      traceparent: run.traceparent,
      status: outcome ? 'ended' : 'running',
      ...(outcome && { outcome, result }),
    });
  };
  return { objects, workspaces, runs, list, report, apply, listed, ends, artifacts };
};

const drift = (open: number, fresh: number, since: string, document: ObjectRef) => ({
  document,
  total: open,
  new: fresh,
  accepted: 0,
  counts: { state: open, configuration: 0, host: 0 },
  since,
});

describe('the list', () => {
  test('has each workspace in which something is applied, with a run id of its own', async () => {
    const { list, listed, apply, workspaces } = prepare();
    apply('demo/b', 'other/a', 'demo/a');
    workspaces.workspaces.set('demo/gone', { workspace: 'demo/gone' });
    const { document, count } = await list({ run, tenant: null });
    expect(count).toBe(3);
    const items = listed(document.key);
    expect(items.map(({ workspace }) => workspace)).toEqual(['demo/a', 'demo/b', 'other/a']);
    expect(new Set(items.map(({ runId }) => runId)).size).toBe(3);
    expect(await list({ run, tenant: null })).toEqual({ document, count });
  });

  test('is of one tenant, where one is named', async () => {
    const { list, listed, apply } = prepare();
    apply('demo/a', 'demo-2/a');
    const { document } = await list({ run, tenant: 'demo' });
    expect(listed(document.key).map(({ workspace }) => workspace)).toEqual(['demo/a']);
  });

  test('names runs that can be runs, however long the run of the sweep is called', async () => {
    const { list, listed, apply } = prepare();
    apply('demo/a', 'demo/b');
    const { document } = await list({ run: { ...run, runId: 'r'.repeat(64) }, tenant: null });
    for (const { runId } of listed(document.key)) expect(runIdShape.safeParse(runId).success).toBe(true);
  });
});

describe('the report', () => {
  const sweepOver = async (names: string[]) => {
    const all = prepare();
    all.apply(...names);
    const { document } = await all.list({ run, tenant: null });
    const checks = new Map(all.listed(document.key).map(({ workspace, runId }) => [workspace, runId]));
    const idOf = (workspace: string): string => checks.get(workspace) ?? '';
    return {
      ...all,
      idOf,
      over: (remediateAtMost = 0) => all.report({ run, at, workspaces: document, remediateAtMost }),
    };
  };

  test('counts what each check recorded, and names what is new and what failed', async () => {
    const { ends, idOf, over, objects, artifacts } = await sweepOver([
      'demo/a',
      'demo/b',
      'demo/c',
      'demo/d',
      'demo/e',
    ]);
    const item = { key: 'k', in: 'host', what: 'web-01 | x', how: 'Write <b>page</b>', since: at };
    const found = await artifacts.put(
      'drift.json',
      JSON.stringify({
        version: 1,
        checkedAt: at,
        items: [item],
        world: docOf('w'),
        plan: docOf('p'),
        play: null,
      }),
    );
    await ends(idOf('demo/a'), 'clean', { drift: drift(0, 0, at, found) });
    await ends(idOf('demo/b'), 'drifted', { drift: drift(2, 1, at, found) });
    await ends(idOf('demo/c'), 'skipped');
    await ends(idOf('demo/d'), 'failed', { error: { name: 'HostError', message: 'No answer | at all' } });
    const result = await over();
    expect(reportDriftOutput.parse(result)).toMatchObject({
      workspaces: 5,
      clean: 1,
      drifted: 1,
      new: 1,
      skipped: 1,
      failed: 2,
      remediations: [],
    });
    expect(result.news).toEqual([
      { workspace: 'demo/b', outcome: 'drifted', text: '1 new, 2 in all' },
      { workspace: 'demo/d', outcome: 'failed', text: expect.stringContaining('HostError: No answer') },
      { workspace: 'demo/e', outcome: 'failed', text: expect.stringContaining('CheckNotStartedError') },
    ]);
    const document = sweepDocument.parse(JSON.parse(objects.get(result.document.key) ?? ''));
    expect(document.findings).toHaveLength(5);
    expect(document.drifted).toMatchObject([{ workspace: 'demo/b', items: [{ what: 'web-01 | x' }] }]);
    const page = objects.get(result.page.key) ?? '';
    expect(page).toContain('| host | web-01 \\| x | Write \\<b\\>page\\</b\\> |');
    expect(page).toContain('| demo/d | HostError: No answer \\| at all |');
  });

  test('brings back what drifted first, so many at most, under ids of their own', async () => {
    const names = ['demo/a', 'demo/b', 'demo/c'];
    const { ends, idOf, over, artifacts } = await sweepOver(names);
    const found = await artifacts.put(
      'drift.json',
      JSON.stringify({
        version: 1,
        checkedAt: at,
        items: [],
        world: docOf('w'),
        plan: docOf('p'),
        play: null,
      }),
    );
    for (const [index, name] of names.entries())
      await ends(idOf(name), 'drifted', { drift: drift(1, 0, `2026-01-0${3 - index}T00:00:00.000Z`, found) });
    const { remediations, news } = await over(2);
    expect(remediations.map(({ workspace }) => workspace)).toEqual(['demo/c', 'demo/b']);
    for (const { runId } of remediations) expect(runIdShape.parse(runId)).toMatch(/-fix$/);
    expect(news).toEqual([]);
  });

  test('stays small however much there is to tell', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `demo/w-${index}`);
    const { over } = await sweepOver(names);
    const result = await over(20);
    expect(result).toMatchObject({ workspaces: 1000, failed: 1000 });
    expect(JSON.stringify(result).length).toBeLessThan(16_384);
  });
});

const docOf = (key: string): ObjectRef => ({
  bucket: 'artifacts',
  key,
  versionId: 'v1',
  sha256: 'a'.repeat(64),
});
