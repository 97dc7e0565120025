import fc from 'fast-check';
import type { ListedApprovals } from '../../lambdas/shared/approval-lists';
import { audienceOf } from '../../lambdas/shared/approval-order';
import { demandsUnder } from '../support/approval-fixtures';
import { startedAt } from '../support/gate';
import { ended, listsOf, waits } from '../support/listed-approvals';

const of = (...from: string[]) =>
  demandsUnder({ id: 'more', why: 'Somebody else looks too.', when: {}, approvals: [{ people: 1, from }] });
const groupsOf = (audience: string): string[] => audience.split('+');
/** Everything, by following the list from page to page. */
const readAll = async (page: (after?: string) => Promise<ListedApprovals>): Promise<string[]> => {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { approvals, next } = await page(after);
    ids.push(...approvals.map(({ approvalId }) => approvalId));
    after = next;
  } while (after !== undefined);
  return ids;
};

test('whatever waits is listed to those who may answer, each once, the soonest expiry first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          group: fc.constantFrom('admin', 'team-a', 'team-b'),
          // Few moments, so that many expire at the same one.
          hour: fc.integer({ min: -1, max: 4 }),
        }),
        { maxLength: 40 },
      ),
      fc.subarray(['admin', 'team-a', 'team-b', 'approver']),
      fc.integer({ min: 1, max: 7 }),
      async (some, groups, size) => {
        const items = some.map(({ group, hour }, index) =>
          waits(`run-${index}`, {
            demands:
              group === 'admin' ? { ...of('admin'), approvals: of('admin').approvals.slice(1) } : of(group),
            expiresAt: new Date(startedAt.getTime() + hour * 3_600_000).toISOString(),
          }),
        );
        const { lists } = listsOf(...items);
        const expected = items
          .filter(({ expiresAt }) => expiresAt > startedAt.toISOString())
          .filter((item) => groupsOf(audienceOf(item)).some((group) => groups.includes(group)))
          .sort((one, other) => (one.listAt < other.listAt ? -1 : 1))
          .map(({ approvalId }) => approvalId);
        expect(await readAll((after) => lists.waiting(groups, startedAt, { after, size }))).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('a page of 10,000 that wait reads no more than a page', async () => {
  const expiresAt = (index: number) => new Date(startedAt.getTime() + (index + 1) * 1000).toISOString();
  const { lists, sent } = listsOf(
    ...Array.from({ length: 10_000 }, (_, index) =>
      waits(`run-${index}`, {
        expiresAt: expiresAt(index),
        demands: of(['admin', 'team-a'][index % 2] ?? ''),
      }),
    ),
  );
  const { approvals, next } = await lists.waiting(['approver'], startedAt, { after: undefined, size: 25 });
  expect(approvals.map(({ approvalId }) => approvalId)).toEqual(
    Array.from({ length: 25 }, (_, index) => `run-${index}`),
  );
  expect(next).toBe(`${expiresAt(24)}#run-24`);
  expect(sent.map(({ name }) => name)).toEqual([
    'GetCommand',
    'QueryCommand',
    'QueryCommand',
    'BatchGetCommand',
  ]);
  expect(sent.filter(({ name }) => name === 'QueryCommand').map(({ input }) => input)).toEqual([
    expect.objectContaining({ IndexName: 'lists', Limit: 26 }),
    expect.objectContaining({ IndexName: 'lists', Limit: 26 }),
  ]);
});

test('what an index still has as waiting but was decided is not shown', async () => {
  const { lists, items } = listsOf(waits('one'), waits('two'));
  items.set('one', { ...waits('one'), status: 'approved', decidedAt: startedAt.toISOString() });
  const { approvals } = await lists.waiting(['approver'], startedAt, { after: undefined, size: 5 });
  expect(approvals.map(({ approvalId }) => approvalId)).toEqual(['two']);
});

test('what ended is read back over the turn of the year, and not for ever', async () => {
  const now = new Date('2027-01-15T00:00:00.000Z');
  const days = ['2027-01-14', '2027-01-02', '2026-12-31', '2026-12-01', '2026-11-01', '2026-10-31'];
  const { lists } = listsOf(...days.map((day) => ended(`of-${day}`, `${day}T10:00:00.000Z`)));
  for (const size of [1, 2, 5, 10])
    expect(await readAll((after) => lists.ended(now, { after, size }))).toEqual(
      days.slice(0, -1).map((day) => `of-${day}`),
    );
});

test('what somebody asked for is listed to them, the newest first', async () => {
  const at = (index: number) => new Date(startedAt.getTime() + index * 1000).toISOString();
  const { lists } = listsOf(
    ...[0, 1, 2, 3, 4].map((index) => waits(`run-${index}`, { createdAt: at(index) })),
    waits('of-another', { starter: { id: 'kim', verified: true } }),
    waits('of-nobody', { starter: { id: null, verified: false } }),
  );
  const mine = await readAll((after) => lists.askedBy('maria@example.com', { after, size: 2 }));
  expect(mine).toEqual(['run-4', 'run-3', 'run-2', 'run-1', 'run-0']);
});

test('the task token is never asked for', async () => {
  const { lists, sent } = listsOf(waits('one'));
  await lists.waiting('all', startedAt, { after: undefined, size: 5 });
  const read = sent.find(({ name }) => name === 'BatchGetCommand')?.input;
  expect(read).toMatchObject({ RequestItems: { approvals: { ProjectionExpression: expect.any(String) } } });
  expect(JSON.stringify(read)).not.toContain('taskToken');
});
