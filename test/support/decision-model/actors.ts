import { makeAsk } from '../../../lambdas/approval-mail/ask';
import { formToken } from '../../../lambdas/approval-pages/form-token';
import type { Person } from '../../../lambdas/approval-rules/people';
import { approvalRules } from '../../../lambdas/approval-rules/rules-of-this-release';
import { makeCloseApproval } from '../../../lambdas/close-approval/close-approval';
import { makeDecideApproval } from '../../../lambdas/decide-approval/decide-approval';
import { makeReconcileRun } from '../../../lambdas/reconcile-run/reconcile-run';
import { makeRequestApproval } from '../../../lambdas/request-approval/request-approval';
import { approvalCallbacks } from '../../../lambdas/send-callback/callbacks';
import { makeSendCallback } from '../../../lambdas/send-callback/send-callback';
import { requireApproval } from '../../../lambdas/shared/decided-approval';
import type { HttpRequest, HttpResponse } from '../../../lambdas/shared/http';
import { requireNewest } from '../../../lambdas/shared/own-change';
import type { RunRecord } from '../../../lambdas/shared/run-record';
import { makeTendApproval } from '../../../lambdas/tend-approvals/tend-approval';
import { makeTendApprovals } from '../../../lambdas/tend-approvals/tend-approvals';
import { aRun } from '../change-fixtures';
import { fixedKeys } from '../fixed-keys';
import { aChange, aPending, aPlanDocument, approvalId, loadChangeOf } from '../gate';
import type { Call, Program } from './replay';
import { type Approvals, alex, keyOf, telling, type World } from './world';

export type End = { readonly result: unknown } | { readonly threw: Error };

/** Something that begins at any time at which it can. */
export interface Actor {
  /** @default always */
  readonly can?: (world: World) => boolean;
  /** What its beginning alone does. */
  readonly begins?: (world: World) => World;
  readonly program?: Program;
  /** What becomes of its answer, or of its failure. */
  readonly ends?: (world: World, end: End) => World;
}

const tablePorts = [
  'find',
  'create',
  'replaceToken',
  'addLink',
  'markMailed',
  'addVote',
  'close',
  'claim',
  'settle',
  'release',
  'pending',
  'get',
  'countTry',
  'clear',
] as const;

/** The table of approvals, each read and write of it one step. */
const tableOf = (call: Call): Omit<Approvals, 'records'> =>
  Object.fromEntries(
    tablePorts.map((name) => [name, (...given: unknown[]) => call(name, ...given)]),
  ) as unknown as Approvals;

const ledgerOf = (call: Call) => ({
  append: async (event: unknown) => {
    await call('append', event);
  },
});

const secret = 'signing-secret';

/** The form as the page of this person has it. */
const postOf = (person: string, decision: string): HttpRequest => ({
  method: 'POST',
  pathId: approvalId,
  query: {},
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
  body: Buffer.from(
    new URLSearchParams({
      key: keyOf(person),
      csrf: formToken(secret, approvalId, person),
      decision,
      confirmation: aRun.workspace,
      comment: '',
    }).toString(),
  ),
});

const damaged = (world: World, text: string): World => ({ ...world, damage: [...world.damage, text] });

/** What the person was told must be so: their answer stands, or the end that the page names is the end. */
const toldBy = (world: World, { status, body }: HttpResponse, answer: string): World => {
  const end = world.record?.status;
  switch (status) {
    case 303:
      return { ...world, promised: [...world.promised, answer] };
    case 409: {
      const named = /data-decision="(\w+)"/.exec(body)?.[1] ?? 'voided';
      return named === end ? world : damaged(world, `${answer} was told ${named}, and it is ${end}`);
    }
    case 410:
      return end === 'expired' || end === 'pending'
        ? world
        : damaged(world, `${answer} was told expired, and it is ${end}`);
    // Has answered already, or an error that says to try again.
    case 403:
    case 500:
      return world;
    default:
      return damaged(world, `${answer} got ${status}`);
  }
};

const outcomes = { approve: 'approved', reject: 'rejected' } as const;

/** Somebody sends the form of their page. */
export const answers = (person: Person, decision: keyof typeof outcomes): Actor => ({
  can: ({ record }) => record?.links.some(({ approver }) => approver === person.id) ?? false,
  program: (call, now) =>
    makeDecideApproval({
      approvals: tableOf(call),
      loadChange: loadChangeOf(),
      ledger: ledgerOf(call),
      findDelegations: async () => [],
      identify: async () => ({ visitor: { person, binding: person.id, query: {}, headers: {} } }),
      signingKeys: fixedKeys(secret),
      wakeCallback: async () => {
        await call('wake');
      },
      wakeTending: async () => {},
      now,
    })(postOf(person.id, decision)),
  ends: (world, end) =>
    'threw' in end
      ? damaged(world, `a decision threw ${end.threw.message}`)
      : toldBy(world, end.result as HttpResponse, `${person.id}:${outcomes[decision]}`),
});

/** The task asks; each attempt of it waits with a token of its own, and the one before waits no more. */
export const asks = (token: string, attempt: number): Actor => ({
  can: ({ task, attempt: made }) => task.state === 'waiting' && attempt === made,
  begins: (world) => ({ ...world, attempt: attempt + 1, task: { token, state: 'waiting' } }),
  program: (call, now) =>
    makeRequestApproval({
      runs: { get: async () => undefined },
      approvals: tableOf(call),
      changes: { get: async () => aChange() },
      ledger: ledgerOf(call),
      ask: makeAsk({
        approvals: tableOf(call),
        mailboxes: { admit: async () => true },
        sendMail: async () => 'id',
        publicUrl: 'https://gate.example',
        signIn: false,
        now,
      }),
      findUnreachable: async () => new Set(),
      rules: approvalRules,
      readArtifact: async () => aPlanDocument() as never,
      environment: 'local',
      // One is enough: what is told to each is not what is in question.
      approvers: [{ ...alex, topicArn: 'arn:alex' }],
      signIn: false,
      now,
    })({ run: aRun, change: aPending().change, taskToken: token, attempt, timeoutSeconds: 3600 }),
  ends: (world, end) => ('result' in end && world.task.token === token ? { ...world, asked: token } : world),
});

/** Step Functions sees that an attempt failed, and makes another. */
export const asksUntilAsked: Actor = {
  ...asks('last-token', 9),
  can: ({ task, asked }) => task.state === 'waiting' && task.token !== asked,
};

const sends =
  (input: { approvalId: string } | { sweep: true }): Program =>
  (call, now) =>
    makeSendCallback({
      approvals: approvalCallbacks(tableOf(call)),
      leases: { pending: async () => [], get: async () => undefined },
      ledger: ledgerOf(call),
      resume: async (token, answer) => {
        await call('resume', token, 'output' in answer ? answer.output : answer);
      },
      now,
    })(input);

/** The outbox is nudged by a decision. */
export const nudged: Actor = {
  can: ({ nudges }) => nudges > 0,
  begins: (world) => ({ ...world, nudges: world.nudges - 1 }),
  program: sends({ approvalId }),
};

export const sweeps: Actor = { program: sends({ sweep: true }) };

/** The sweep over what is due. Whom it mails is not in question: there is nobody. */
export const tends: Actor = {
  program: (call, now) => {
    const approvals = tableOf(call);
    return makeTendApprovals({
      approvals,
      mailboxes: { get: async () => ({ sentAt: [], waiting: [], version: 0 }) },
      tendApproval: makeTendApproval({
        approvals,
        changes: { get: async () => aChange() },
        ask: { each: async () => [] },
        findUnreachable: async () => new Set(),
        approvers: [],
        ledger: ledgerOf(call),
        hasEnded: async () => (await call('run')) === 'ended',
        wakeCallback: async () => {
          await call('wake');
        },
        sendMail: async () => 'id',
        operationsTopicArn: 'arn:operations',
        raiseAlarm: () => {},
        now,
      }),
      sendDigest: async () => {},
      now,
    })({ approvalId }, { remainingTimeMs: () => 60_000 });
  },
};

/** The time for an answer is over; the task may still wait for a moment. */
export const timePasses: Actor = {
  can: ({ isLate }) => !isLate,
  begins: (world) => ({ ...world, isLate: true }),
};

const closes =
  (as: 'expired' | 'voided'): Program =>
  (call, now) =>
    makeCloseApproval({ approvals: tableOf(call), ledger: ledgerOf(call), now })({
      run: aRun,
      change: aPending().change,
      as,
    });

/** The waiting task ends by its timeout, and the workflow asks what stands: what that says is what the run is told. */
export const timesOut: Actor = {
  can: ({ task, isLate }) => isLate && task.state === 'waiting',
  begins: (world) => ({ ...world, task: { ...world.task, state: 'gone' } }),
  program: closes('expired'),
  ends: (world, end) => ('threw' in end || world.isStopped ? world : telling(world, end.result)),
};

/** The workflow tries its closing step again: the first attempt died. */
export const closesAgain: Actor = {
  can: ({ task, isLate, told, isStopped }) =>
    isLate && task.state === 'gone' && told.length === 0 && !isStopped,
  program: closes('expired'),
  ends: (world, end) => ('threw' in end || world.isStopped ? world : telling(world, end.result)),
};

/** Somebody stops the run: its task waits no more, and its end is an event. */
export const isStopped: Actor = {
  can: ({ isStopped }) => !isStopped,
  begins: (world) => ({
    ...world,
    isStopped: true,
    task: { ...world.task, state: world.task.state === 'waiting' ? 'gone' : world.task.state },
  }),
};

const runNow = (status: unknown): RunRecord =>
  ({
    runId: aRun.runId,
    workspace: aRun.workspace,
    traceparent: aRun.traceparent,
    workflow: 'vm-provisioning',
    executionArn: 'arn:run',
    startedAt: aPending().createdAt,
    change: aPending().change,
    status,
    open: '1',
  }) as RunRecord;

/** The reconciler, told or sweeping. */
export const reconciles: Actor = {
  can: ({ isStopped }) => isStopped,
  program: (call, now) => {
    const runs = {
      get: async () => runNow(await call('run')),
      markStopping: async () => {
        await call('markStopping');
      },
    };
    return makeReconcileRun({
      runs: runs as never,
      executionStatus: async () => 'ABORTED',
      stopCause: async () => null,
      closeApproval: async () => {
        await closes('voided')(call, now);
      },
      endRun: async () => {
        await call('endRun');
        return {} as never;
      },
      notify: async () => {},
      now,
      sleep: async () => {},
    })({ detail: { name: aRun.runId, executionArn: 'arn:run', status: 'ABORTED' } });
  },
};

/** A newer change of the workspace is bound. */
export const isReplanned: Actor = {
  can: ({ isReplanned }) => !isReplanned,
  begins: (world) => ({ ...world, isReplanned: true }),
};

/** The run goes on and asks whether it may carry out the change, as a worker and the broker ask. */
export const goesOn: Actor = {
  can: ({ told }) => told.length > 0,
  begins: (world) => ({ ...world, askedTooLate: world.isReplanned }),
  program: async (call) => {
    const newestChange = { changeId: String(await call('newest')), runId: 'run-2', at: '' };
    requireNewest({ id: approvalId, workspace: aRun.workspace }, { newestChange });
    const record = (await call('get', approvalId)) as Awaited<ReturnType<Approvals['get']>>;
    return requireApproval(aPending().change, record && { ...record, digest: record.change.digest });
  },
  ends: (world, end) =>
    'threw' in end
      ? world
      : world.askedTooLate
        ? damaged(world, 'a change was let through that a newer one had voided')
        : { ...world, authorized: true },
};
