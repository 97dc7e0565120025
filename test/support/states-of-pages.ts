import type { LoadChange, ReadPlanPage } from '../../lambdas/approval-pages/load-change';
import type { Person } from '../../lambdas/approval-rules/people';
import type { CredentialRecord } from '../../lambdas/rotation/journal';
import { makeMask } from '../../lambdas/runners/masking';
import { differenceFrom } from '../../lambdas/runners/plan-difference';
import { plannedItems } from '../../lambdas/runners/plan-document';
import type { ApprovalLists } from '../../lambdas/shared/approval-lists';
import type { ChangeRef } from '../../lambdas/shared/contract';
import type { RunState } from '../../lambdas/shared/run-reader';
import { aVote, demandsUnder } from './approval-fixtures';
import { everyStanding } from './credential-records';
import { aChange, aPending, loadChangeOf, startedAt } from './gate';
import { ended, listsOf, waits } from './listed-approvals';
import { anAttribute, aRow, planOf } from './plan-fixtures';
import { aLargePlan, aPlanJson, aTellingPlan, writtenPlan } from './written-plan';

const at = startedAt.toISOString();
const lossy = { create: 1, update: 0, replace: 1, delete: 0 };
const lossyPlan = () =>
  planOf(
    'replace',
    [
      aRow({
        action: 'replace',
        members: [
          {
            address: 'terraform_data.database',
            attributes: [
              anAttribute({
                path: 'input.address',
                before: '127.8.4.2',
                after: '127.8.4.9',
                forcesReplacement: true,
              }),
            ],
          },
        ],
      }),
    ],
    lossy,
  );
/** What a page is made of. */
export interface PageState {
  readonly record: ReturnType<typeof aPending>;
  readonly load: LoadChange;
  readonly readPlanPage?: ReadPlanPage;
  /** The query of a part of the change; without it, the page of the whole. */
  readonly part?: string | undefined;
  readonly run?: RunState;
  /** With them, the page of what waits for somebody who signed in, or one list of it. */
  readonly lists?: { readonly of: ApprovalLists; readonly signedIn?: Person; readonly list?: string };
  /** With them, the page of credentials, to an auditor who signed in. */
  readonly credentials?: readonly CredentialRecord[];
}
const pending: PageState = { record: aPending(), load: loadChangeOf() };
type Written = Awaited<ReturnType<typeof writtenPlan>>;
const planned = (make: () => Promise<Written>, part?: string) => {
  let made: Promise<Written> | undefined;
  const written = (): Promise<Written> => {
    made ??= make();
    return made;
  };
  return {
    record: aPending(),
    load: async (ref: ChangeRef) => {
      const { document } = await written();
      return loadChangeOf(aChange(document.counts), document)(ref);
    },
    readPlanPage: async (...asked: Parameters<ReadPlanPage>) => (await written()).readPlanPage(...asked),
    part,
  };
};
const large = async (): Promise<Written> => {
  const telling = aTellingPlan().resource_changes ?? [];
  const [first, ...hosts] = aLargePlan().resource_changes ?? [];
  const plan = aPlanJson({ resource_changes: [...hosts, ...telling] });
  const before = await writtenPlan(
    aPlanJson({
      resource_changes: [first, ...hosts, ...telling.filter(({ type }) => type !== 'aws_subnet')],
    }),
  );
  const difference = await differenceFrom(
    { runId: 'release-2026-41', plannedAt: '2026-11-20T15:12:00.000Z', document: before.document },
    plannedItems(plan),
    { mask: makeMask([]), readPage: (page) => before.readPlanPage({} as never, page) },
  );
  return writtenPlan(plan, difference);
};

const strict = demandsUnder({
  id: 'destruction',
  why: 'What is destroyed does not come back, so two people look at it.',
  when: {},
  approvals: [{ people: 2, from: ['approver', 'admin'] }],
});
const hours = 'Production is changed while people are there to help.';
const windows = [
  {
    rule: 'hours',
    why: hours,
    windows: [{ days: ['mon' as const], from: '08:00', to: '17:00', timeZone: 'Europe/Berlin' }],
  },
];
const demandsOfAdmins = {
  ...strict,
  approvals: [
    {
      rule: 'decommission',
      why: 'Whoever removes a workspace for good needs an administrator.',
      quorums: [{ people: 1, from: ['admin'] }],
    },
  ],
};
const summary = (headline: string, lost = 0) => ({
  headline,
  workflow: 'vm-provisioning',
  counts: { ...lossy, replace: 0, delete: lost },
  dangers: [],
});
const hoursLater = (hours: number): string => new Date(startedAt.getTime() + hours * 3_600_000).toISOString();
const full = listsOf(
  waits('run-8-11111111', {
    expiresAt: hoursLater(2),
    demands: strict,
    summary: summary('Creates 1, changes 0, destroys 3 in acme/db-01.', 3),
  }),
  waits('run-7-22222222', {
    expiresAt: hoursLater(5),
    demands: strict,
    votes: [aVote({ at })],
    summary: summary(
      'Creates 2, changes 1, destroys 0 in acme/web-02, then configures 2 hosts with web-service.',
    ),
  }),
  waits('run-6-33333333', {
    expiresAt: hoursLater(30),
    starter: { id: 'alex', verified: true },
    summary: summary('Runs the script certificate-expiry for demo/checks.'),
  }),
  ...Array.from({ length: 24 }, (_, index) =>
    waits(`run-${index + 20}-44444444`, {
      expiresAt: hoursLater(40 + index),
      summary: summary(`Creates 1, changes 0, destroys 0 in demo/web-${index}.`),
    }),
  ),
  ended('run-2-55555555', hoursLater(-3)),
  ended('run-1-66666666', hoursLater(-28)),
).lists;

/** Every state in which somebody may find a page. */
export const statesOfPages = {
  telling: planned(() => writtenPlan(aTellingPlan())),
  large: planned(large),
  'large-group': planned(large, 'group=create&page=2'),
  pending,
  risky: { record: aPending(), load: loadChangeOf(aChange(lossy), lossyPlan()) },
  decided: {
    record: aPending({
      status: 'approved',
      decidedAt: at,
      votes: [aVote({ at, comment: 'Checked with the campaign team.' })],
    }),
    load: loadChangeOf(),
  },
  'waits-for-more': {
    record: aPending({
      demands: strict,
      starter: { id: 'maria@example.com', verified: true },
      votes: [aVote({ person: 'kim', at, comment: 'Fine by me: the old host is drained.' })],
    }),
    load: loadChangeOf(),
  },
  'held-up': {
    record: aPending({ demands: { ...strict, windows, starterMustBeKnown: { rule: 'hours', why: hours } } }),
    load: loadChangeOf(aChange(lossy), lossyPlan()),
  },
  'not-yours': { record: aPending({ demands: demandsOfAdmins }), load: loadChangeOf() },
  'carried-out': {
    record: aPending({
      status: 'approved',
      decidedAt: at,
      starter: { id: 'maria@example.com', verified: true },
      votes: [aVote({ at, person: 'kim' }), aVote({ at, comment: 'Checked with the campaign team.' })],
      mailedTo: ['alex', 'kim'],
    }),
    load: loadChangeOf(),
    run: { status: 'ended', outcome: 'applied', endedAt: '2026-11-21T09:21:00.000Z' },
  },
  'my-approvals': { ...pending, lists: { of: full, signedIn: { id: 'alex', groups: ['approver'] } } },
  'one-list': {
    ...pending,
    lists: { of: full, signedIn: { id: 'alex', groups: ['approver'] }, list: 'waiting' },
  },
  'nothing-waits': {
    ...pending,
    lists: { of: listsOf().lists, signedIn: { id: 'sam', groups: ['auditor'] } },
  },
  'by-mail': { ...pending, lists: { of: full } },
  credentials: { ...pending, credentials: everyStanding },
  'no-credentials': { ...pending, credentials: [] },
  rejected: {
    record: aPending({ status: 'rejected', decidedAt: at, votes: [aVote({ at, outcome: 'rejected' })] }),
    load: loadChangeOf(),
  },
  expired: { record: aPending({ expiresAt: at }), load: loadChangeOf() },
  voided: { record: aPending({ status: 'voided', decidedAt: at }), load: loadChangeOf() },
  'wrong-link': { record: aPending({ links: [] }), load: loadChangeOf() },
  error: { record: aPending(), load: () => Promise.reject(new Error('the bucket is away')) },
} satisfies Readonly<Record<string, PageState>>;
