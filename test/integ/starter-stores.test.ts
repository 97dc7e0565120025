import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type ApprovalStore, makeApprovalStore } from '../../lambdas/shared/approval-store';
import {
  type DelegationStore,
  makeDelegationStore,
  makeFindDelegations,
} from '../../lambdas/shared/delegation-store';
import { makeRunStore, type RunStore } from '../../lambdas/shared/run-store';
import { aRun } from '../support/change-fixtures';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { aPending } from '../support/gate';
import { createRunTables } from '../support/run-tables';

jest.setTimeout(60_000);

let fixture: Fixture;
let runs: RunStore;
let approvals: ApprovalStore;
let delegations: DelegationStore;
let table: { client: DynamoDBDocumentClient; table: string };

beforeAll(async () => {
  fixture = await startFixture();
  const client = new DynamoDBClient(clients(fixture).config);
  await createRunTables(client);
  await client.send(
    new CreateTableCommand({
      TableName: 'approvals',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'approvalId', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'approvalId', AttributeType: 'S' }],
    }),
  );
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  table = { client: documents, table: 'approvals' };
  runs = makeRunStore({ client: documents, runsTable: 'runs' });
  approvals = makeApprovalStore(table);
  delegations = makeDelegationStore(table);
});
afterAll(() => endFixture(fixture));

const at = '2026-11-21T09:00:00.000Z';
const olga = { id: 'olga', verified: true, alsoAsked: [] };

test('who sent a start is noted once each, also on a run that has not been described', async () => {
  const { runId } = aRun;
  await runs.create({
    runId,
    workflow: 'vm-provisioning',
    executionArn: 'arn:run',
    startedAt: at,
    traceparent: aRun.traceparent,
    status: 'running',
  });
  const olgas = { person: 'olga', groups: ['operator'], at };
  await runs.addStarter(runId, 'sso/Operator/olga@example.com', olgas);
  await runs.addStarter(runId, 'sso/Operator/olga@example.com', { ...olgas, person: 'other' });
  await runs.addStarter(runId, 'user/kim', { person: 'kim', groups: [], at });
  expect((await runs.get(runId))?.startedBy).toEqual({
    'sso/Operator/olga@example.com': olgas,
    'user/kim': { person: 'kim', groups: [], at },
  });
});

test('a starter is put on an approval once, and again when more is known', async () => {
  const approval = aPending({ approvalId: 'known' });
  await approvals.create(approval);
  expect(await approvals.setStarter(approval, { starter: olga }, at)).toBe(true);
  expect(await approvals.setStarter(approval, { starter: { ...olga, id: 'kim' } }, at)).toBe(false);
  const both = { ...olga, alsoAsked: ['kim'] };
  expect(await approvals.setStarter(approval, { starter: both }, at)).toBe(true);
  expect(await approvals.find('known')).toMatchObject({ status: 'pending', starter: both });
});

test('who may not ask makes a pending approval void, and is noted on one that is decided', async () => {
  const pending = aPending({ approvalId: 'pending' });
  const decided = aPending({ approvalId: 'decided', status: 'approved', decidedAt: at });
  for (const one of [pending, decided]) {
    await approvals.create(one);
    await approvals.setStarter(one, { starter: olga, askRefusal: 'olga may not.' }, at);
  }
  expect(await approvals.find('pending')).toMatchObject({ status: 'voided', callbackPending: '1' });
  expect(await approvals.find('decided')).toMatchObject({ status: 'approved', askRefusal: 'olga may not.' });
});

test('one person has one delegation that lasts; groups are those of today', async () => {
  const one = { from: 'alex', to: 'sam', until: '2026-12-01T00:00:00.000Z', madeAt: at, reason: 'holiday' };
  expect(await delegations.end('alex', at)).toBe(false);
  expect([await delegations.make(one), await delegations.make({ ...one, to: 'kim' })]).toEqual([true, false]);
  expect(await delegations.make({ ...one, from: 'kim' })).toBe(true);
  const people = [{ id: 'alex', groups: ['approver'] }];
  const find = makeFindDelegations({ ...table, people });
  expect(await find()).toEqual([{ from: people[0], to: 'sam', until: one.until }]);
  expect([await delegations.end('alex', at), await delegations.end('alex', at)]).toEqual([true, false]);
  expect(await find()).toEqual([]);
  expect(await delegations.make({ ...one, to: 'kim' })).toBe(true);
});
