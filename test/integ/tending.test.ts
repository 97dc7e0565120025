import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Mailboxes, makeMailboxes } from '../../lambdas/approval-mail/mailbox';
import { makeFindUnreachable } from '../../lambdas/approval-mail/reach';
import { type ApprovalStore, makeApprovalStore } from '../../lambdas/shared/approval-store';
import { aVote } from '../support/approval-fixtures';
import { createApprovalsTable } from '../support/approvals-table';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { aPending, mailBudget, startedAt } from '../support/gate';

jest.setTimeout(60_000);

let fixture: Fixture;
let store: ApprovalStore;
let mailboxes: Mailboxes;

beforeAll(async () => {
  fixture = await startFixture();
  const database = new DynamoDBClient(clients(fixture).config);
  await createApprovalsTable(database);
  const client = DynamoDBDocumentClient.from(database, { marshallOptions: { removeUndefinedValues: true } });
  store = makeApprovalStore({ client, table: 'approvals' });
  mailboxes = makeMailboxes({ client, table: 'approvals', budget: mailBudget });
});
afterAll(() => endFixture(fixture));

const minute = (count: number): Date => new Date(startedAt.getTime() + count * 60_000);
const iso = (count: number): string => minute(count).toISOString();
const waiting = (approvalId: string, over: object = {}) =>
  aPending({ approvalId, tending: '1', dueAt: iso(0), ...over });
const due = async (count: number) => store.listDue(minute(count), 100);

test('one of several sweeps gets what is due, and until its claim ends nobody else', async () => {
  await store.create(waiting('claimed'));
  expect(await due(0)).toContain('claimed');
  const claims = await Promise.all([1, 2, 3].map(() => store.claim('claimed', iso(0), minute(2))));
  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(await due(1)).not.toContain('claimed');
  expect(await due(2)).toContain('claimed');
  const tended = { escalated: 1, reminded: 2, glassTold: 0, unreachable: ['kim'], dueAt: iso(60) };
  expect(await store.settle('claimed', iso(1), tended)).toBe(false);
  expect(await store.settle('claimed', iso(2), tended)).toBe(true);
  expect(await store.find('claimed')).toMatchObject(tended);
});

test('an answer that settles it is due at once, and is released when nothing is left to do', async () => {
  await store.create(waiting('answered'));
  await store.claim('answered', iso(0), minute(2));
  await store.addVote('answered', aVote({ at: iso(1) }), 0, 'approved');
  expect(await store.release('answered', iso(2))).toBe(false);
  expect(await store.close('answered', 'expired', iso(1), { resume: true })).toBe(false);
  expect(await store.release('answered', iso(1))).toBe(true);
  expect(await due(1000)).not.toContain('answered');
});

test('what breaks the glass is due although it settles nothing', async () => {
  await store.create(waiting('glass', { dueAt: iso(600) }));
  await store.addVote('glass', aVote({ at: iso(1), breaksGlass: true }), 0, undefined);
  expect(await due(1)).toContain('glass');
});

test('expiry resumes through the outbox; a void request has nobody to resume', async () => {
  await store.create(waiting('expired'));
  await store.create(waiting('voided'));
  await store.close('expired', 'expired', iso(5), { resume: true });
  await store.close('voided', 'voided', iso(5));
  expect(await store.find('expired')).toMatchObject({
    status: 'expired',
    callbackPending: '1',
    dueAt: iso(5),
  });
  expect(await store.find('voided')).not.toHaveProperty('callbackPending');
});

test('a person’s newest three links stay good, whoever adds them at once', async () => {
  await store.create(waiting('links', { links: [] }));
  const links = ['a', 'b', 'c', 'd', 'e'].map((letter) => ({
    approver: 'kim',
    nonceHash: letter.repeat(64),
  }));
  for (const link of links) await store.addLink('links', link);
  expect((await store.find('links'))?.links).toEqual(links.slice(2));
  await Promise.all(
    ['alex', 'sam', 'lou'].map((approver) => store.addLink('links', { approver, nonceHash: '0'.repeat(64) })),
  );
  expect((await store.find('links'))?.links).toHaveLength(6);
});

test('a mailbox admits as many as the budget, however many come at once, and becomes due with the rest', async () => {
  const asked = Array.from({ length: 9 }, (_, index) => `flood-${index}`);
  const admitted = await Promise.all(asked.map((id) => mailboxes.admit('kim', id, minute(0))));
  expect(admitted.filter(Boolean)).toHaveLength(mailBudget);
  expect(await due(9)).not.toContain('mailbox#kim');
  expect(await due(10)).toContain('mailbox#kim');
  expect(await store.claim('mailbox#kim', iso(10), minute(12))).toBe(true);
  // Whoever comes while the digest is written waits for the next.
  await mailboxes.admit('kim', 'late', minute(11));
  const { waiting: rest, dueAt } = await mailboxes.get('kim');
  expect([rest.length, dueAt]).toEqual([5, iso(12)]);
  await mailboxes.empty('kim', rest, true, minute(11));
  expect(await mailboxes.get('kim')).not.toHaveProperty('dueAt');
  expect(await due(1000)).not.toContain('mailbox#kim');
});

test('mail reaches whom a subscription is confirmed for', async () => {
  const { config } = clients(fixture);
  const sns = new SNSClient(config);
  const sqs = new SQSClient(config);
  const topic = async (name: string) =>
    (await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn as string;
  const [subscribed, alone] = [await topic('subscribed'), await topic('alone')];
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await sns.send(
    new SubscribeCommand({ TopicArn: subscribed, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }),
  );
  const find = makeFindUnreachable({ sns, now: () => startedAt });
  const people = [
    { id: 'alex', groups: [], topicArn: subscribed },
    { id: 'kim', groups: [], topicArn: alone },
    { id: 'sam', groups: [], topicArn: `${alone}-that-is-gone` },
  ];
  expect([...(await find(people))]).toEqual(['kim', 'sam']);
});
