import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type ApprovalLists, makeApprovalLists } from '../../lambdas/shared/approval-lists';
import { type ApprovalStore, makeApprovalStore } from '../../lambdas/shared/approval-store';
import { aVote, demandsUnder } from '../support/approval-fixtures';
import { createApprovalsTable } from '../support/approvals-table';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { aPending, startedAt } from '../support/gate';

jest.setTimeout(60_000);

let fixture: Fixture;
let store: ApprovalStore;
let lists: ApprovalLists;

beforeAll(async () => {
  fixture = await startFixture();
  const database = new DynamoDBClient(clients(fixture).config);
  await createApprovalsTable(database);
  const client = DynamoDBDocumentClient.from(database, { marshallOptions: { removeUndefinedValues: true } });
  store = makeApprovalStore({ client, table: 'approvals' });
  lists = makeApprovalLists({ client, table: 'approvals' });
});
afterAll(() => endFixture(fixture));

const later = (hours: number): string => new Date(startedAt.getTime() + hours * 3_600_000).toISOString();
const first = { after: undefined, size: 10 };
const ids = ({ approvals }: { approvals: readonly { approvalId: string }[] }): string[] =>
  approvals.map(({ approvalId }) => approvalId);
const ofTeam = demandsUnder({
  id: 'team',
  why: 'The team that runs it looks at it.',
  when: {},
  approvals: [{ people: 1, from: ['team-a'] }],
});

test('an approval moves from what waits to what was decided by the write that decides', async () => {
  const at = later(1);
  await store.create(aPending({ approvalId: 'late', expiresAt: later(9) }));
  await store.create(aPending({ approvalId: 'soon', expiresAt: later(2) }));
  await store.create(aPending({ approvalId: 'team', expiresAt: later(3), demands: ofTeam }));
  await store.create(aPending({ approvalId: 'over', expiresAt: startedAt.toISOString() }));

  expect(ids(await lists.waiting(['approver'], startedAt, first))).toEqual(['soon', 'team', 'late']);
  expect(ids(await lists.waiting(['team-a'], startedAt, first))).toEqual(['team']);
  expect(ids(await lists.waiting(['operator'], startedAt, first))).toEqual([]);
  expect(ids(await lists.waiting('all', startedAt, first))).toEqual(['soon', 'team', 'late']);

  expect(await store.addVote('team', aVote({ at }), 0, undefined)).toBe(true);
  expect(ids(await lists.waiting(['team-a'], startedAt, first))).toEqual(['team']);
  expect(await store.addVote('soon', aVote({ at }), 0, 'approved')).toBe(true);
  expect(await store.close('late', 'voided', later(2))).toBe(true);
  // It has ended: neither write lands, and its place stays.
  expect(await store.close('soon', 'expired', later(3))).toBe(false);
  expect(await store.addVote('late', aVote({ at }), 0, 'rejected')).toBe(false);
  expect(ids(await lists.waiting('all', startedAt, first))).toEqual(['team']);
  expect(ids(await lists.ended(new Date(later(4)), first))).toEqual(['late', 'soon']);
  expect(ids(await lists.askedBy('maria@example.com', first))).toHaveLength(4);
});

test('a list is read on from where it stopped, also among those that expire at the same moment', async () => {
  for (let index = 0; index < 12; index++)
    await store.create(
      aPending({
        approvalId: `same-${String(index).padStart(2, '0')}`,
        expiresAt: later(24 * 30),
        starter: { id: 'kim', verified: true },
        ...(index % 2 === 0 && { demands: ofTeam }),
      }),
    );
  const seen: string[] = [];
  let after: string | undefined = later(24 * 29);
  do {
    const page = await lists.waiting(['approver'], startedAt, { after, size: 5 });
    seen.push(...ids(page));
    after = page.next;
  } while (after !== undefined);
  expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => `same-${String(index).padStart(2, '0')}`));
});
