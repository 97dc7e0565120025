import fc from 'fast-check';
import { makeAsk } from '../../lambdas/approval-mail/ask';
import { approvalRules } from '../../lambdas/approval-rules/rules-of-this-release';
import { makeCloseApproval } from '../../lambdas/close-approval/close-approval';
import { makeRequestApproval } from '../../lambdas/request-approval/request-approval';
import { approvalCallbacks, leaseCallbacks } from '../../lambdas/send-callback/callbacks';
import { makeSendCallback } from '../../lambdas/send-callback/send-callback';
import type { Change } from '../../lambdas/shared/change';
import { sha256Hex } from '../../lambdas/shared/digest';
import type { Mail } from '../../lambdas/shared/publish-mail';
import { aVote } from '../support/approval-fixtures';
import { aRun } from '../support/change-fixtures';
import {
  aChange,
  aPending,
  aPlanDocument,
  approvalId,
  digest,
  inMemoryApprovals,
  inMemoryMailboxes,
  startedAt,
  taskToken,
} from '../support/gate';
import { inMemoryLeases } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { recordingLedger } from '../support/recording-ledger';

const input = (token = taskToken, attempt = 0) => ({
  run: aRun,
  change: aPending().change,
  taskToken: token,
  attempt,
  timeoutSeconds: 3600,
});

const prepareRequest = (
  change = aChange(),
  failing: ReadonlySet<string> = new Set(),
  unreachable: ReadonlySet<string> = new Set(),
  signIn = false,
) => {
  const approvals = inMemoryApprovals();
  const runs = inMemoryRunStore();
  const mails: Mail[] = [];
  const ledger = recordingLedger();
  const request = makeRequestApproval({
    approvals,
    runs,
    changes: { get: async () => change },
    ledger,
    ask: makeAsk({
      approvals,
      mailboxes: inMemoryMailboxes(),
      sendMail: async (mail) => {
        if (failing.has(mail.topicArn)) throw new Error('topic is gone');
        mails.push(mail);
        return 'id';
      },
      publicUrl: 'https://gate.example',
      signIn,
      now: () => startedAt,
    }),
    findUnreachable: async () => unreachable,
    rules: approvalRules,
    readArtifact: async (_, schema) => schema.parse(aPlanDocument()),
    environment: 'local',
    signIn,
    approvers: [
      { id: 'alex', groups: ['approver'], topicArn: 'arn:alex' },
      { id: 'kim', groups: ['approver'], topicArn: 'arn:kim' },
    ],
    now: () => startedAt,
  });
  return { approvals, runs, mails, ledger, request };
};

test('asks each approver once by a link of their own, of which only the hash is kept', async () => {
  const { approvals, mails, ledger, request } = prepareRequest();
  await request(input());
  const keys = mails.map(({ text }) => /\?key=([A-Za-z0-9_-]{43})\n/.exec(text)?.[1]);
  expect(new Set(keys).size).toBe(2);
  const stored = JSON.stringify([...approvals.records.values()]);
  for (const one of keys) expect(stored).not.toContain(one);
  expect(ledger.events).toMatchObject([{ type: 'approval.requested', data: { changeDigest: digest } }]);
});

test('a retry sends nothing again, and the run is resumed with the newest token', async () => {
  const { approvals, mails, ledger, request } = prepareRequest();
  await request(input());
  await request(input('second-token', 1));
  expect(mails).toHaveLength(2);
  expect(ledger.events).toHaveLength(1);
  expect(approvals.records.get(approvalId)?.taskToken).toBe('second-token');
});

test('an attempt that comes after the next one takes nothing from it', async () => {
  const { approvals, request } = prepareRequest();
  await request(input('second-token', 1));
  await expect(request(input('first-token', 0))).rejects.toThrow(/a later attempt/);
  expect(approvals.records.get(approvalId)?.taskToken).toBe('second-token');
});

test('a retry writes to those whom the first attempt could not reach', async () => {
  const failing = new Set(['arn:alex', 'arn:kim']);
  const { mails, request } = prepareRequest(aChange(), failing);
  await expect(request(input())).rejects.toMatchObject({
    name: 'TransientError',
    message: `None of the approvers of change ${approvalId} could be asked.`,
  });
  failing.clear();
  await request(input());
  expect(mails.map(({ topicArn }) => topicArn)).toEqual(['arn:alex', 'arn:kim']);
});

test('whom mail does not reach is not asked, and stands on the gate and in the ledger', async () => {
  const { approvals, mails, ledger, request } = prepareRequest(aChange(), new Set(), new Set(['kim']));
  await request(input());
  expect(mails.map(({ topicArn }) => topicArn)).toEqual(['arn:alex']);
  expect(approvals.records.get(approvalId)).toMatchObject({ unreachable: ['kim'], mailedTo: ['alex'] });
  expect(ledger.events[0]?.data).toMatchObject({ approvers: ['person:alex'], unreachable: ['person:kim'] });
});

test.each([
  ['nobody is reached', aChange(), ['alex', 'kim'], /Confirm the subscription of alex, kim, then/],
  [
    'only the requester is',
    { ...aChange(), requestedBy: 'alex' },
    ['kim'],
    /whoever asked for the change is not one/,
  ],
])('when %s, the run says so at once and nothing waits', async (_, change, unreachable, why) => {
  const { approvals, mails, request } = prepareRequest(change, new Set(), new Set(unreachable));
  await expect(request(input())).rejects.toMatchObject({
    name: 'ApproversUnreachableError',
    message: expect.stringMatching(why),
  });
  expect([mails, [...approvals.records]]).toEqual([[], []]);
});

test('where people sign in, it is enough that one of them hears of it', async () => {
  const two = { ...aChange(), plan: { ...aChange().plan, policy: { verdict: 'stricter-gate' } } } as Change;
  const refused = prepareRequest(two, new Set(), new Set(['kim']));
  await expect(refused.request(input())).rejects.toMatchObject({ name: 'ApproversUnreachableError' });
  const asked = prepareRequest(two, new Set(), new Set(['kim']), true);
  await asked.request(input());
  expect(asked.mails).toHaveLength(1);
  expect(asked.mails[0]?.text).toContain(
    `\nhttps://gate.example/approvals/${approvalId}\n\nYou sign in to answer.`,
  );
  expect(asked.approvals.records.get(approvalId)?.links).toEqual([]);
  const none = prepareRequest(two, new Set(), new Set(['kim', 'alex']), true);
  await expect(none.request(input())).rejects.toMatchObject({ name: 'ApproversUnreachableError' });
});

test('whoever could not be asked is left to the sweep, which looks when this step’s time is over', async () => {
  const { approvals, request } = prepareRequest(aChange(), new Set(['arn:kim']));
  await request(input());
  const dueAt = () => Date.parse(approvals.records.get(approvalId)?.dueAt ?? '') - startedAt.getTime();
  expect(dueAt()).toBe(2 * 60_000);
  const well = prepareRequest();
  await well.request(input());
  expect(well.approvals.records.get(approvalId)?.dueAt).toBe('2026-11-21T10:00:00.000Z');
});

test('a retry after the answer puts that answer in front of the new token', async () => {
  const { approvals, request } = prepareRequest();
  approvals.records.set(
    approvalId,
    aPending({ status: 'approved', votes: [aVote()], decidedAt: startedAt.toISOString() }),
  );
  await request(input('second-token'));
  expect(approvals.records.get(approvalId)).toMatchObject({
    taskToken: 'second-token',
    callbackPending: '1',
  });
});

test('a mail carries no task token, no control character and no line of its requester’s making', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
      const { mails, request } = prepareRequest({
        ...aChange(),
        reason: `${text}\nApproved by: all`,
        requestedBy: text,
      });
      await request(input());
      for (const { text: mail } of mails) {
        expect(mail).not.toMatch(/^Approved by/m);
        expect(mail.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(mail).not.toContain(taskToken);
      }
    }),
    { numRuns: 60 },
  );
});

const startedBy = (person: string, ...groups: string[]) => ({
  [`user/${person}`]: { person, groups, at: startedAt.toISOString() },
});
const aStartedRun = (known: ReturnType<typeof startedBy>) => ({
  runId: aRun.runId,
  workflow: 'vm-provisioning',
  executionArn: 'arn:run',
  startedAt: startedAt.toISOString(),
  traceparent: aRun.traceparent,
  status: 'running' as const,
  startedBy: known,
});

test('asks in the name of whom AWS knows to have started the run', async () => {
  const { approvals, runs, mails, request } = prepareRequest();
  runs.runs.set(aRun.runId, aStartedRun(startedBy('olga', 'operator')));
  await request(input());
  const { starter } = approvals.records.get(approvalId) ?? {};
  expect(starter).toEqual({ id: 'olga', verified: true, alsoAsked: ['maria@example.com'] });
  expect(mails[0]?.text).toContain('olga (verified), also maria@example.com');
});

test('asks nobody for somebody who may not ask', async () => {
  const { approvals, runs, mails, request } = prepareRequest();
  runs.runs.set(aRun.runId, aStartedRun(startedBy('eve', 'visitor')));
  await expect(request(input())).rejects.toMatchObject({
    name: 'NotAllowedToAskError',
    message: expect.stringContaining('eve started this run. Only operator or admin may ask for this'),
  });
  expect(approvals.records.size).toBe(0);
  expect(mails).toEqual([]);
});

test('who becomes known while people are asked, and may not ask, makes it void before a mail', async () => {
  const { approvals, runs, mails, request } = prepareRequest();
  const { create } = approvals;
  approvals.create = async (record) => {
    runs.runs.set(aRun.runId, aStartedRun(startedBy('eve', 'visitor')));
    return create(record);
  };
  await request(input());
  expect(approvals.records.get(approvalId)).toMatchObject({ status: 'voided', callbackPending: '1' });
  expect(mails).toEqual([]);
  await expect(request(input('second-token'))).rejects.toMatchObject({ name: 'NotAllowedToAskError' });
});

const decidedRecord = () =>
  aPending({
    status: 'approved',
    decidedAt: startedAt.toISOString(),
    votes: [aVote()],
    callbackPending: '1',
  });

const prepareCallback = (fail?: string, record = decidedRecord()) => {
  const approvals = inMemoryApprovals(record);
  const ledger = recordingLedger();
  const resumed: unknown[] = [];
  const send = makeSendCallback({
    approvals: approvalCallbacks(approvals),
    leases: leaseCallbacks(inMemoryLeases(new Map()).ticketOutbox),
    ledger,
    resume: async (_, decision) => {
      if (fail) throw Object.assign(new Error(fail), { name: fail });
      resumed.push(decision);
    },
    now: () => startedAt,
  });
  return { approvals, ledger, resumed, send };
};

test('a run whose starter may not ask is told so by name, and the ledger knows why', async () => {
  const askRefusal = 'eve started this run. Only operator may ask for this.';
  const record = { ...decidedRecord(), votes: [], status: 'voided' as const, askRefusal };
  const { ledger, resumed, send } = prepareCallback(undefined, record);
  expect(await send({ approvalId })).toMatchObject({ sent: [approvalId] });
  expect(resumed).toEqual([{ error: 'NotAllowedToAskError', cause: askRefusal }]);
  expect(ledger.events).toMatchObject([
    { type: 'approval.voided', data: { becauseDigest: sha256Hex(askRefusal) } },
  ]);
});

test('tells the run once, after the ledger, and takes the decision off the list', async () => {
  const { approvals, ledger, resumed, send } = prepareCallback();
  expect(await send({ sweep: true })).toEqual({ sent: [approvalId], undeliverable: [], failed: [] });
  expect(await send({ approvalId })).toEqual({ sent: [], undeliverable: [], failed: [] });
  expect(resumed).toMatchObject([{ output: { outcome: 'approved', answers: [{ person: 'alex' }] } }]);
  expect(ledger.events).toMatchObject([
    { id: `answer:${approvalId}:1`, actor: 'person:alex' },
    { id: `decision:${approvalId}`, actor: 'person:alex', data: { by: ['person:alex'] } },
  ]);
  expect(approvals.records.get(approvalId)).not.toHaveProperty('callbackPending');
});

test.each(['TaskTimedOut', 'InvalidToken', 'TaskDoesNotExist'])(
  '%s means that the run no longer waits',
  async (name) => {
    const { approvals, ledger, send } = prepareCallback(name);
    expect((await send({ approvalId })).undeliverable).toEqual([approvalId]);
    expect(ledger.events.map(({ type }) => type)).toEqual([
      'answer.given',
      'decision.made',
      'callback.undeliverable',
    ]);
    expect(approvals.records.get(approvalId)).not.toHaveProperty('callbackPending');
  },
);

test('another failure leaves the decision for the next sweep', async () => {
  const { approvals, send } = prepareCallback('ThrottlingException');
  expect((await send({ sweep: true })).failed).toEqual([approvalId]);
  expect(approvals.records.get(approvalId)?.callbackPending).toBe('1');
});

test('closing expires a pending approval, and yields to an answer that came first', async () => {
  const close = (record = aPending()) => {
    const ledger = recordingLedger();
    const approvals = inMemoryApprovals(record);
    const run = makeCloseApproval({ approvals, ledger, now: () => startedAt });
    return run({ run: aRun, change: record.change, as: 'expired' }).then((decision) => ({
      decision,
      ledger,
    }));
  };
  const expired = await close();
  expect(expired.decision).toMatchObject({ outcome: 'expired', answers: [] });
  expect(expired.ledger.events).toMatchObject([{ type: 'approval.expired' }]);
  expect((await close(decidedRecord())).decision).toMatchObject({
    outcome: 'approved',
    answers: [{ person: 'alex' }],
  });
});

test('closing an approval that nobody was asked for voids it', async () => {
  const run = makeCloseApproval({
    approvals: inMemoryApprovals(),
    ledger: recordingLedger(),
    now: () => startedAt,
  });
  expect(await run({ run: aRun, change: aPending().change, as: 'voided' })).toMatchObject({
    outcome: 'voided',
  });
});
