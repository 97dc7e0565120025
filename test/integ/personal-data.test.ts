import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { makeKnownPeople } from '../../lambdas/personal-data/known-people';
import { approvalsSource } from '../../lambdas/personal-data/of-approvals';
import { freezesSource, ledgerSource } from '../../lambdas/personal-data/of-other-tables';
import { runsSource } from '../../lambdas/personal-data/of-runs';
import { makePersonalData } from '../../lambdas/personal-data/personal-data';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import { makeApprovalStore } from '../../lambdas/shared/approval-store';
import { answerEvents, endEvent } from '../../lambdas/shared/decision-event';
import { makeDelegationStore } from '../../lambdas/shared/delegation-store';
import { makeFreezeStore } from '../../lambdas/shared/freeze-store';
import { findBreak, type LedgerEntry, makeLedger } from '../../lambdas/shared/ledger';
import { claim, person } from '../../lambdas/shared/ledger-event';
import { makePeople } from '../../lambdas/shared/people';
import { createApprovalsTable } from '../support/approvals-table';
import { aRun } from '../support/change-fixtures';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { aPending, approvalId } from '../support/gate';
import { createLedgerTable, createPeopleTable, createRunTables } from '../support/run-tables';

jest.setTimeout(60_000);

const dana = 'dana@example.com';
const principal = `sso/Operator/${dana}`;
const at = '2026-11-21T09:00:00.000Z';
const now = () => new Date(at);

let fixture: Fixture;
let client: DynamoDBDocumentClient;
const tables = ['runs', 'approvals', 'leases', 'people', 'ledger'] as const;

const everything = async (table: (typeof tables)[number]): Promise<Record<string, unknown>[]> =>
  (await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? [];

const ledger = () =>
  makeLedger({ client, table: 'ledger', people: makePeople({ client, table: 'people', now }) });
const personalData = () => {
  const deps = { client, now };
  return makePersonalData({
    ...deps,
    sources: [
      runsSource({ ...deps, table: 'runs' }),
      approvalsSource({ ...deps, table: 'approvals' }),
      freezesSource({ ...deps, table: 'leases' }),
    ],
    ledgerSource: (references) => ledgerSource({ table: 'ledger' }, references),
    known: makeKnownPeople({ ...deps, table: 'people' }),
    people: makePeople({ client, table: 'people', now }),
    ledger: ledger(),
  });
};

const decided = (id: string, by: string): ApprovalRecord => ({
  ...aPending({ approvalId: id }),
  status: 'approved',
  decidedAt: at,
  starter: { id: dana, verified: true, alsoAsked: [] },
  links: [{ approver: by, nonceHash: 'a'.repeat(64) }],
  mailedTo: [by, 'alex'],
  votes: [
    {
      person: by,
      outcome: 'approved',
      at,
      comment: `Fine, ${by} looked`,
      breaksGlass: false,
      seats: [{ id: by, groups: ['approver'] }],
    },
  ],
  tending: undefined,
  dueAt: undefined,
});

beforeAll(async () => {
  fixture = await startFixture();
  const dynamo = new DynamoDBClient(clients(fixture).config);
  client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });
  await createRunTables(dynamo);
  await createApprovalsTable(dynamo);
  await createLedgerTable(dynamo);
  await createPeopleTable(dynamo);
  const run = {
    runId: aRun.runId,
    workflow: 'vm-provisioning',
    executionArn: 'arn:run',
    startedAt: at,
    traceparent: aRun.traceparent,
    workspace: aRun.workspace,
    status: 'ended',
    requestedBy: dana,
    reason: 'Dana wants it',
    startedBy: { [principal]: { person: dana, groups: [], at } },
  };
  await client.send(new PutCommand({ TableName: 'runs', Item: run }));
  const approval = decided(approvalId, dana);
  const others = { ...decided('others', 'alex'), starter: { id: 'kim', verified: true } };
  for (const Item of [approval, others]) {
    await client.send(new PutCommand({ TableName: 'approvals', Item }));
    const end = endEvent(Item);
    for (const event of [...answerEvents(Item), ...(end ? [end] : [])]) await ledger().append(event);
  }
  const about = { tenant: 'demo', runId: aRun.runId, at, traceparent: aRun.traceparent };
  await ledger().append({ ...about, id: 'run.started:x', type: 'run.started', actor: claim(dana), data: {} });
  const starter = { principal: person(principal) };
  await ledger().append({
    ...about,
    id: 'starter',
    type: 'starter.known',
    actor: person(dana),
    data: starter,
  });
  await makeFreezeStore({ client, leasesTable: 'leases' }).set({
    scope: 'demo',
    by: dana,
    reason: 'Audit week of Dana',
    at,
    until: null,
  });
});
afterAll(() => endFixture(fixture));

test('all that is held of a person is told, and nobody else’s answers are', async () => {
  const told = await personalData()({ action: 'export', person: dana, also: [], from: null });
  expect(told).toMatchObject({ hindrances: [], also: [principal], next: null });
  const wheres = told.found.map(({ where }) => where);
  for (const where of ['runs', 'approvals', 'freezes', 'ledger', 'people']) expect(wheres).toContain(where);
  expect(JSON.stringify(told.found)).toContain(`Fine, ${dana} looked`);
  expect(JSON.stringify(told.found)).not.toContain('alex looked');
  expect(JSON.stringify(told.found)).not.toContain('taskToken');
});

test('who lets somebody answer for them is not erased before that has ended; then it is', async () => {
  const delegations = makeDelegationStore({ client, table: 'approvals' });
  const until = '2026-12-01T00:00:00.000Z';
  await delegations.make({ from: dana, to: 'alex', until, madeAt: at, reason: 'On leave' });
  const call = { person: dana, also: [], from: null };
  const told = await personalData()({ action: 'export', ...call });
  expect(told.hindrances).toEqual([expect.stringContaining('end that first')]);
  await expect(personalData()({ action: 'erase', ...call, reason: 'Asked to', by: 'root' })).rejects.toThrow(
    'cannot be erased yet',
  );
  expect(JSON.stringify(await everything('approvals'))).toContain(dana);
  await delegations.end(dana, at);
});

test('who is erased stands nowhere any more; the ledger is whole, and somebody approved', async () => {
  const before = (await everything('ledger')).flatMap(({ entry }) => (entry ? [entry] : []));
  const call = { person: dana, also: [], from: null, reason: 'Asked to', by: 'root' };
  await personalData()({ action: 'erase', ...call });
  for (const table of tables) expect(JSON.stringify(await everything(table))).not.toMatch(/dana/i);
  const entries = (await everything('ledger')).flatMap(({ entry }) => (entry ? [entry as LedgerEntry] : []));
  expect(entries).toEqual(expect.arrayContaining(before));
  for (const tenant of ['demo', 'all']) {
    const chain = entries
      .filter((entry) => entry.tenant === tenant)
      .sort((one, other) => one.seq - other.seq);
    expect(chain.length).toBeGreaterThan(0);
    expect(findBreak(chain)).toBeUndefined();
  }
  expect(entries.filter(({ type }) => type === 'person.erased')).toHaveLength(1);
  const approval = await makeApprovalStore({ client, table: 'approvals' }).find(approvalId);
  expect(approval?.votes).toMatchObject([
    { person: expect.stringMatching(/^person:[0-9a-f]{32}$/), outcome: 'approved', comment: null },
  ]);
  expect(JSON.stringify(await everything('approvals'))).toContain('alex looked');
});

test('asked again, it finds nothing', async () => {
  const told = await personalData()({ action: 'export', person: dana, also: [], from: null });
  expect(told.found).toEqual([]);
});
