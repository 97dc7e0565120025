import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import { logger } from '../../lambdas/shared/logger';
import type { RunState } from '../../lambdas/shared/run-reader';
import { aVote, demandsUnder } from '../support/approval-fixtures';
import {
  aChange,
  aPending,
  approvalId,
  inMemoryApprovals,
  key,
  loadChangeOf,
  startedAt,
} from '../support/gate';
import { serveGate } from '../support/gate-server';
import { anAttribute, aRow, planOf } from '../support/plan-fixtures';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const show = async (
  over: Partial<ApprovalRecord>,
  run?: RunState | Error,
  load = loadChangeOf(),
): Promise<string> => {
  const server = await serveGate({
    approvals: inMemoryApprovals(aPending(over)),
    loadChange: load,
    now: () => startedAt,
    findRun: async () => {
      if (run instanceof Error) throw run;
      return run;
    },
  });
  open.push(server);
  return (await fetch(`${server.url}/approvals/${approvalId}?key=${key}`)).text();
};
const text = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

test('what waits says for whom, until when, and leads to the decision', async () => {
  const body = await show({
    demands: demandsUnder({
      id: 'two',
      why: 'Two people look at this.',
      when: {},
      approvals: [{ people: 2, from: ['approver', 'admin'] }],
    }),
    votes: [aVote({ person: 'kim', comment: 'Fine by me' })],
  });
  expect(text(body)).toContain('Waits for 1 more of approver or admin. To your decision');
  expect(body).toContain('<a href="#decide">');
  expect(text(body)).toContain('Two people look at this. 2 of approver or admin (rule two)');
  expect(text(body)).toMatch(
    /What happened .*Asked for maria@example.com \(unverified\).*Approved by kim.*“Fine by me”/,
  );
});

test('what keeps everybody from deciding stands above the change, with when that ends', async () => {
  const body = await show({
    demands: demandsUnder({
      id: 'hours',
      why: 'Production is changed on Mondays.',
      when: {},
      windows: [{ days: ['mon'], from: '08:00', to: '17:00', timeZone: 'UTC' }],
      starterMustBeKnown: true,
    }),
  });
  const above = body.slice(0, body.indexOf('<dt>Why</dt>'));
  expect(above).toContain('Nobody decides before it is known who started the run');
  expect(above).toContain('Production is changed on Mondays.');
  expect(above).toContain('Approve it from 2026-11-23 08:00 UTC on');
  expect(above).toContain('<a href="#refusal">You cannot decide on it now</a>');
  expect(body).not.toContain('<form');
});

test('whom mail does not reach, and when people were asked again, is on the page', async () => {
  const plain = await show({});
  expect(plain).not.toContain('id="unreachable"');
  expect(plain).not.toMatch(/Reminded|Escalated/);
  const demands = demandsUnder({
    id: 'patience',
    why: 'Somebody else looks at it when nobody does.',
    when: {},
    remindAfterHours: 2,
    escalations: [
      { afterHours: 3, to: 'admin' },
      { afterHours: 9, to: 'managers' },
    ],
  });
  const body = text(await show({ demands, unreachable: ['kim', '<b>'], reminded: 2, escalated: 1 }));
  expect(body).toContain('Mail does not reach kim, &lt;b&gt;: the subscription is not confirmed, or gone.');
  expect(body).toContain('Escalated to admin, 21 Nov 2026, 12:00 UTC');
  expect(body).not.toContain('managers,');
  expect(body).toContain('Reminded last at 21 Nov 2026, 13:00 UTC');
});

test('what is lost stands before everything else but the headline', async () => {
  const counts = { create: 0, update: 0, replace: 0, delete: 2 };
  const row = aRow({
    action: 'delete',
    members: [{ address: 'a.b', attributes: [anAttribute({ before: 'x' })] }],
  });
  const body = await show({}, undefined, loadChangeOf(aChange(counts), planOf('destroy', [row], counts)));
  const order = ['<h1>', '2 existing resources are lost', 'id="waits-for"', '<dt>Why</dt>'].map((part) =>
    body.indexOf(part),
  );
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((one, other) => one - other));
});

test('a requester who is known is told apart from one who is only claimed', async () => {
  expect(text(await show({}))).toContain('maria@example.com (unverified: this is what the starter claims)');
  const known = text(await show({ starter: { id: 'maria@example.com', verified: true } }));
  expect(known).toContain('maria@example.com ✓ verified');
  expect(known).not.toContain('Also named');
  const other = { id: 'kim', verified: true, alsoAsked: ['maria@example.com'] };
  expect(text(await show({ starter: other }))).toContain('kim ✓ verified Also named: maria@example.com');
});

const approved = {
  status: 'approved' as const,
  decidedAt: startedAt.toISOString(),
  votes: [aVote({ at: startedAt.toISOString() })],
  mailedTo: ['alex', 'blair'],
};

test('after the decision the page tells what happened, to the end of the run', async () => {
  const endedAt = '2026-11-21T09:20:00.000Z';
  const body = text(await show(approved, { status: 'ended', outcome: 'applied', endedAt }));
  expect(body).toMatch(
    /What happened .*Asked.*mailed to alex, blair.*Approved by alex.*The answers sufficed: approved.*was told.*Ended Run run-1\S* : applied , 21 Nov 2026, 09:20 UTC/,
  );
});

test('what was done as time went by is told, and whom no mail reaches', async () => {
  const demands = demandsUnder({
    id: 'slow',
    why: 'It must not wait for ever.',
    when: {},
    remindAfterHours: 1,
    escalations: [
      { afterHours: 2, to: 'admin' },
      { afterHours: 4, to: 'owner' },
    ],
  });
  const body = text(await show({ demands, escalated: 1, reminded: 2, unreachable: ['blair'] }));
  expect(body).toMatch(/Mail does not reach blair.*Escalated to admin.*Reminded/);
  expect(body).not.toContain('owner');
});

test('a run that was not told yet is said so, and one that cannot be read is left out', async () => {
  const body = text(await show({ ...approved, callbackPending: '1' }, new Error('the table is away')));
  expect(body).toContain('not told yet; that is made up for within a minute');
  expect(body).not.toContain('Ended Run');
});

test.each([
  [{ status: 'expired' as const, votes: [aVote()] }, 'Not everybody who was needed answered until'],
  [{ status: 'expired' as const }, 'Nobody answered until'],
  [{ status: 'voided' as const, votes: [aVote()] }, 'ended before everybody who was needed answered'],
])('an end without a person says how far it came: %j', async (over, sentence) => {
  const body = text(await show({ decidedAt: startedAt.toISOString(), ...over }));
  expect(body).toContain(sentence);
  expect(body).not.toContain('was told');
});

test('what fails on our side has a reference to quote, which the log has too', async () => {
  const logged = jest.spyOn(logger, 'error').mockImplementation();
  const body = await show({}, undefined, () => Promise.reject(new Error('arn:aws:s3:::secret-bucket')));
  const [, reference = 'none'] = /id="reference">([0-9a-f]{10})</.exec(body) ?? [];
  expect(body).not.toContain('secret-bucket');
  expect(logged).toHaveBeenCalledWith(expect.any(String), { reference, code: 'Error' });
  logged.mockRestore();
});
