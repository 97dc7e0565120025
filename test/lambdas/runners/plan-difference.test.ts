import { makeMask } from '../../../lambdas/runners/masking';
import { differenceFrom } from '../../../lambdas/runners/plan-difference';
import { plannedItems } from '../../../lambdas/runners/plan-document';
import type { PlanJson } from '../../../lambdas/runners/plan-json';
import type { PlanPage } from '../../../lambdas/shared/plan-document';
import { aLargePlan, aPlanJson, aResourceChange, pagesIn, writtenPlan } from '../../support/written-plan';

const previous = { runId: 'run-0', plannedAt: '2026-11-21T08:00:00.000Z' };
const replanned = async (before: PlanJson, after: PlanJson) => {
  const old = await writtenPlan(before);
  const difference = await differenceFrom({ ...previous, document: old.document }, plannedItems(after), {
    mask: makeMask([]),
    readPage: async ({ sha256 }) => old.pages.get(sha256) as PlanPage,
  });
  const written = await writtenPlan(after, difference);
  return { since: written.document.since, rows: pagesIn(written, 'since').flatMap(({ rows }) => rows) };
};
const hosts = (names: readonly string[], size = 'small') =>
  aPlanJson({
    resource_changes: names.map((name) =>
      aResourceChange(`terraform_data.host["${name}"]`, ['create'], {
        after: { input: { name, size } },
        after_unknown: { id: true },
      }),
    ),
  });

test('the same plan again differs in nothing', async () => {
  const { since, rows } = await replanned(hosts(['a', 'b']), hosts(['a', 'b']));
  expect(since).toEqual({ ...previous, planned: 0, unplanned: 0, differs: 0, attributes: 0 });
  expect(rows).toEqual([]);
});

test('says which resources are planned now, which are no more, and what is planned otherwise', async () => {
  const { since, rows } = await replanned(hosts(['a', 'b']), hosts(['b', 'c', 'd'], 'large'));
  expect(since).toMatchObject({ planned: 2, unplanned: 1, differs: 1, attributes: 1 });
  expect(rows.map(({ action, members }) => [action, members.map(({ address }) => address)])).toEqual([
    ['differs', ['terraform_data.host["b"]']],
    ['planned', ['terraform_data.host["c"]', 'terraform_data.host["d"]']],
    ['unplanned', ['terraform_data.host["a"]']],
  ]);
  expect(rows[0]?.members[0]?.attributes).toMatchObject([
    { path: 'input.size', before: 'small', after: 'large' },
  ]);
});

test('another action, an attribute more, and another present value each count', async () => {
  const change = (actions: string[], before: object, after: object) =>
    aPlanJson({ resource_changes: [aResourceChange('a.b', actions, { before, after })] });
  const { since, rows } = await replanned(
    change(['update'], { x: '1', y: '1' }, { x: '2', y: '1' }),
    change(['delete', 'create'], { x: '0', y: '1' }, { x: '2', y: '3' }),
  );
  expect(since).toMatchObject({ differs: 1, attributes: 3 });
  expect(rows[0]?.members[0]?.attributes.map(({ path, before, after }) => [path, before, after])).toEqual([
    ['action', 'update', 'replace'],
    ['x', 'from 1', 'from 0'],
    ['y', '(not changed)', '3'],
  ]);
});

test('outputs count too, and a resource of the same name is another', async () => {
  const output = {
    actions: ['create'],
    before: null,
    after: 'x',
    after_unknown: false,
    before_sensitive: false,
    after_sensitive: false,
  };
  const { since } = await replanned(
    aPlanJson({ output_changes: { a: output } }),
    aPlanJson({ resource_changes: [aResourceChange('a', ['create'])] }),
  );
  expect(since).toMatchObject({ planned: 1, unplanned: 1, differs: 0 });
});

test('long values, and plans of many pages, are compared whole', async () => {
  const text = (middle: string) => `${'line\n'.repeat(4000)}${middle}\n${'line\n'.repeat(4000)}`;
  const long = (middle: string) =>
    aPlanJson({
      resource_changes: [aResourceChange('a.b', ['create'], { after: { content: text(middle) } })],
    });
  expect((await replanned(long('x'), long('x'))).since).toMatchObject({ attributes: 0 });
  expect((await replanned(long('x'), long('y'))).since).toMatchObject({ differs: 1 });
  const large = aLargePlan();
  const [first, ...others] = large.resource_changes ?? [];
  expect((await replanned(large, { ...large, resource_changes: others })).since).toMatchObject({
    planned: 0,
    unplanned: 1,
    differs: 0,
  });
  expect(first?.address).toBe('terraform_data.host[0]');
}, 30_000);
