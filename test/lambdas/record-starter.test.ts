import fc from 'fast-check';
import { refuseToDecide } from '../../lambdas/approval-rules/permission';
import {
  principalRule,
  recordStarterInput,
  type UserIdentity,
  userIdentity,
} from '../../lambdas/record-starter/contract';
import { callerOf, personBehind } from '../../lambdas/record-starter/principal';
import { makeRecordStarter } from '../../lambdas/record-starter/record-starter';
import { tellStarter } from '../../lambdas/shared/tell-starter';
import { aVote } from '../support/approval-fixtures';
import { aRun } from '../support/change-fixtures';
import { account, callers, executionArn, startEvent } from '../support/cloudtrail-events';
import { aPending, approvalId, inMemoryApprovals } from '../support/gate';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { recordingLedger } from '../support/recording-ledger';

const principals = [
  { principal: 'sso/OrchestratorOperator/{person}', groups: ['operator'] },
  { principal: 'role/ci-*/*', person: 'ci', groups: ['operator'] },
  { principal: 'github/{person}', groups: ['operator'] },
].map((rule) => principalRule.parse(rule));
const people = [{ id: 'maria', email: 'Maria@example.com', groups: ['approver'] }];
const ownStarters = [{ role: 'orchestrator-poc-GitHubWebhook-Role', system: 'github' }];

const prepare = ({ claim = null as string | null, status = 'pending' as const, begun = true } = {}) => {
  const runs = inMemoryRunStore();
  const begin = () =>
    runs.runs.set(aRun.runId, {
      runId: aRun.runId,
      workflow: 'vm-provisioning',
      executionArn,
      startedAt: '2026-11-21T09:00:00.123Z',
      traceparent: aRun.traceparent,
      status: 'running',
      workspace: aRun.workspace,
      change: aPending().change,
      content: { requestedBy: claim } as never,
    });
  if (begun) begin();
  const approvals = inMemoryApprovals(aPending({ status, starter: { id: claim, verified: false } }));
  const ledger = recordingLedger();
  const woken: unknown[] = [];
  let now = new Date('2026-11-21T09:05:00Z');
  const record = makeRecordStarter({
    runs,
    approvals,
    ledger,
    wakeCallback: async (callback) => void woken.push(callback),
    account,
    principals,
    ownStarters,
    people,
    now: () => now,
  });
  return {
    runs,
    approvals,
    ledger,
    woken,
    begin,
    at: (time: string) => {
      now = new Date(time);
    },
    record: (event: object) => record(recordStarterInput.parse(event)),
    approval: () => approvals.records.get(approvalId),
  };
};

test.each<[keyof typeof callers, string]>([
  ['identityCenter', 'sso/OrchestratorOperator/maria@example.com'],
  ['imitation', 'role/AWSReservedSSO_OrchestratorOperator_0a1b2c3d4e5f6071/maria@example.com'],
  ['user', 'user/maria'],
  ['role', 'role/ci-deploy/build-4711'],
  ['root', 'root'],
  ['otherAccount', 'account/999988887777/user/maria'],
  ['service', 'service/scheduler.amazonaws.com'],
  ['schedule', 'role/nightly-drift/scheduler'],
])('names a caller: %s', (name, principal) => {
  expect(callerOf(userIdentity.parse(callers[name]), { account, ownStarters })).toEqual({ principal });
});

test('one person has one id, whichever name they start a run by', () => {
  const who = personBehind('sso/OrchestratorOperator/maria@example.com', principals, people);
  expect(who).toEqual({ principal: who.principal, person: 'maria', groups: ['operator', 'approver'] });
});

test.each(['sso/OrchestratorOperators/maria', 'sso/maria', 'role/ci/x', 'account/999988887777/user/maria'])(
  'whom nothing names is known by their principal and belongs to no group: %s',
  (principal) => {
    expect(personBehind(principal, principals, people)).toEqual({ principal, person: principal, groups: [] });
  },
);

test('a star stands for anything but a slash, and the first that fits counts', () => {
  expect(personBehind('role/ci-deploy/build-4711', principals, people).person).toBe('ci');
  expect(personBehind('role/ci-deploy/a/b', principals, people).groups).toEqual([]);
});

test('a pattern with many stars is answered at once', () => {
  const rule = principalRule.parse({ principal: `role/${'*a'.repeat(40)}/x`, person: 'x', groups: [] });
  const who = personBehind(`role/${'a'.repeat(100_000)}b/x`, [rule], []);
  expect(who.groups).toEqual([]);
});

test.each([
  [{ principal: 'role/deploy/{person}', groups: [] }, /chooses the name of its session/],
  [{ principal: 'sso/Operator/*', groups: [] }, /say who it is once/],
  [{ principal: 'user/{person}', person: 'alex', groups: [] }, /say who it is once/],
  [{ principal: 'user/(a+)+', person: 'alex', groups: [] }, /with \* for anything/],
  [{ principal: 'arn:aws:iam::1:user/x', person: 'alex', groups: [] }, /with \* for anything/],
])('refuses a pattern that anybody could fit: %j', (rule, message) => {
  expect(principalRule.safeParse(rule).error?.message).toMatch(message);
});

test('records the starter on the run, the approval and the ledger', async () => {
  const it = prepare({ claim: 'maria' });
  expect(await it.record(startEvent())).toEqual({ outcome: 'recorded', approval: 'told' });
  expect(it.approval()).toMatchObject({
    status: 'pending',
    starter: { id: 'maria', verified: true, alsoAsked: [] },
  });
  expect(it.ledger.events).toMatchObject([
    { type: 'starter.known', actor: 'person:maria', data: { claimed: 'person:maria', differs: false } },
  ]);
});

test('the event comes twice: nothing is recorded twice', async () => {
  const it = prepare();
  await it.record(startEvent());
  const before = structuredClone([...it.runs.runs, ...it.approvals.records]);
  await it.record(startEvent());
  expect([...it.runs.runs, ...it.approvals.records]).toEqual(before);
  expect(new Set(it.ledger.events.map(({ id }) => id)).size).toBe(1);
});

test('the event comes before the run began: again later, and in vain after a while', async () => {
  const it = prepare({ begun: false });
  it.at('2026-11-21T09:00:01Z');
  await expect(it.record(startEvent())).rejects.toMatchObject({ name: 'TransientError' });
  it.begin();
  expect(await it.record(startEvent())).toMatchObject({ outcome: 'recorded' });

  const refused = prepare({ begun: false });
  expect(await refused.record(startEvent())).toMatchObject({ outcome: 'ignored' });
});

test('the starter is known between the reading and the writing of whoever asks for the approval', async () => {
  const it = prepare();
  it.approvals.records.clear();
  expect(await it.record(startEvent())).toEqual({ outcome: 'recorded', approval: 'none' });
  it.approvals.records.set(approvalId, aPending());
  const run = await it.runs.get(aRun.runId);
  if (!run) throw new Error('no run');
  const told = await tellStarter({ approvals: it.approvals, now: () => new Date() }, run, aPending());
  expect(told).toBe('told');
  expect(it.approval()?.starter).toMatchObject({ id: 'maria', verified: true });
});

test('a claim that differs is shown and recorded, and neither of the two decides', async () => {
  const it = prepare({ claim: 'alex' });
  await it.record(startEvent());
  const starter = it.approval()?.starter;
  expect(starter).toEqual({ id: 'maria', verified: true, alsoAsked: ['alex'] });
  expect(it.ledger.events[0]?.data).toMatchObject({ claimed: 'person:alex', differs: true });
  const { demands, votes } = aPending();
  for (const id of ['maria', 'alex'])
    expect(
      refuseToDecide(
        {
          demands,
          votes,
          delegations: [],
          now: new Date(),
          starter: starter ?? { id: null, verified: false },
        },
        { id, groups: ['approver'] },
        { outcome: 'approved' },
      )?.code,
    ).toBe('own-request');
});

test.each<[keyof typeof callers, string]>([
  ['user', 'user/maria'],
  ['root', 'root'],
  ['imitation', 'role/AWSReservedSSO_OrchestratorOperator_0a1b2c3d4e5f6071/maria@example.com'],
  ['otherAccount', 'account/999988887777/user/maria'],
])('who may not ask gets nothing: the request is void and its run told (%s)', async (name, id) => {
  const it = prepare({ claim: 'maria' });
  expect(await it.record(startEvent(callers[name]))).toEqual({ outcome: 'recorded', approval: 'refused' });
  expect(it.approval()).toMatchObject({
    status: 'voided',
    callbackPending: '1',
    askRefusal: expect.stringContaining(`${id} started this run. Only operator may ask for this`),
  });
  expect(it.woken).toEqual([{ approvalId }]);
});

test('who turns out not to be allowed after the approval is noted on it', async () => {
  const it = prepare();
  it.approvals.records.set(approvalId, aPending({ status: 'approved', votes: [aVote()] }));
  await it.record(startEvent(callers.user));
  expect(it.approval()).toMatchObject({ status: 'approved', askRefusal: expect.any(String) });
});

test('a function of ours names whom it has identified', async () => {
  const it = prepare({ claim: 'github:octocat' });
  await it.record(startEvent(callers.webhook));
  expect(it.approval()?.starter).toEqual({ id: 'octocat', verified: true, alsoAsked: [] });
  expect(it.ledger.events[0]?.data).toMatchObject({ principal: 'person:github/octocat', differs: false });
});

test('a start that is sent again by somebody else makes both of them requesters; the first is who may have to be allowed', async () => {
  const it = prepare();
  const later = { detail: { eventTime: '2026-11-21T09:00:30Z' } };
  // Events come in any order.
  await it.record(startEvent(callers.role, later));
  await it.record(startEvent());
  expect(it.approval()?.starter).toEqual({ id: 'maria', verified: true, alsoAsked: ['ci'] });
});

test.each<[string, object]>([
  ['a call that failed', { errorCode: 'ExecutionLimitExceeded', responseElements: null }],
  ['a call that was refused', { errorCode: 'AccessDenied', responseElements: null }],
  ['a redrive', { eventName: 'RedriveExecution', responseElements: { redriveDate: 'Nov 21, 2026' } }],
  [
    'another region',
    { responseElements: { executionArn: executionArn.replace('eu-central-1', 'us-east-1') } },
  ],
  [
    'another machine with a run of the same name',
    { responseElements: { executionArn: executionArn.replace('vm-provisioning', 'of-others') } },
  ],
  ['a name that is no run', { responseElements: { executionArn: `${executionArn.slice(0, -5)}a b` } }],
  ['another service', { eventSource: 'lambda.amazonaws.com' }],
])('ignores %s', async (_, detail) => {
  const it = prepare();
  expect(await it.record(startEvent(callers.identityCenter, { detail }))).toMatchObject({
    outcome: 'ignored',
  });
  expect(it.ledger.events).toEqual([]);
  expect(it.approval()?.starter.verified).toBe(false);
});

test('no caller is taken for somebody whom nothing names', () => {
  const text = fc.string({ maxLength: 40 });
  const anybody = fc.record(
    {
      type: fc.constantFrom('IAMUser', 'AssumedRole', 'Root', 'FederatedUser', 'AWSService', 'SAMLUser'),
      arn: text.map((end) => `arn:aws:sts::${account}:assumed-role/${end}`),
      accountId: fc.constantFrom(account, '999988887777'),
      userName: text,
      invokedBy: text,
    },
    { requiredKeys: ['type'] },
  ) as fc.Arbitrary<UserIdentity>;
  fc.assert(
    fc.property(anybody, (identity) => {
      const { principal, own } = callerOf(identity, { account, ownStarters });
      const { groups } = personBehind(principal, principals.slice(0, 1), people);
      expect(own).toBeUndefined();
      expect(groups).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
