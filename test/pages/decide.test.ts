import fc from 'fast-check';
import { makeShowApproval } from '../../lambdas/approval-pages/show-approval';
import type { Person } from '../../lambdas/approval-rules/people';
import { makeCloseApproval } from '../../lambdas/close-approval/close-approval';
import { makeIdentifyByLink } from '../../lambdas/identity/by-link';
import { sha256Hex } from '../../lambdas/shared/digest';
import { decideOverHttp } from '../../local/approve-client';
import { aVote, demandsUnder } from '../support/approval-fixtures';
import { aRun } from '../support/change-fixtures';
import { fixedKeys } from '../support/fixed-keys';
import {
  aChange,
  aPending,
  approvalId,
  inMemoryApprovals,
  key,
  loadChangeOf,
  startedAt,
  taskToken,
} from '../support/gate';
import { serveGate } from '../support/gate-server';
import { anAttribute, aRow, planOf } from '../support/plan-fixtures';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const prepare = async (
  record = aPending(),
  now = startedAt,
  loadChange = loadChangeOf(),
  people: readonly Person[] = [{ id: 'alex', groups: ['approver'] }],
) => {
  const approvals = inMemoryApprovals(record);
  const server = await serveGate({ approvals, loadChange, now: () => now, people });
  open.push(server);
  const link = `${server.url}/approvals/${approvalId}?key=${key}`;
  return { approvals, server, link, status: () => approvals.records.get(approvalId)?.status };
};

/** Sends the form with what the page holds, changed as told. */
const post = async (
  link: string,
  change: Record<string, string | undefined> = {},
  headers: Record<string, string> = {},
) => {
  const opened = await fetch(link);
  const html = await opened.text();
  const fields = {
    key,
    csrf: /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? 'none',
    decision: 'approve',
    confirmation: aRun.workspace,
    comment: '',
    ...change,
  };
  return fetch(link.replace(/\?.*/, ''), {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      cookie: opened.headers.getSetCookie()[0]?.split(';')[0] ?? '',
      ...headers,
    },
    body: new URLSearchParams(
      Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined),
    ).toString(),
  });
};

test('a decision over HTTP is recorded, told and shown', async () => {
  const { server, link, approvals } = await prepare();
  expect(await decideOverHttp(link, { decision: 'approve', comment: 'Looks <b>right</b>' })).toEqual({
    status: 'approved',
    decidedBy: 'alex',
    decidedAt: startedAt.toISOString(),
  });
  expect(approvals.records.get(approvalId)).toMatchObject({
    votes: [{ person: 'alex', comment: 'Looks <b>right</b>' }],
    callbackPending: '1',
  });
  expect(server.ledger.events).toMatchObject([
    { type: 'answer.given', actor: 'person:alex' },
    { type: 'decision.made', actor: 'person:alex', data: { outcome: 'approved' } },
  ]);
  expect(server.woken).toEqual([{ approvalId }]);
  await expect(decideOverHttp(link, { decision: 'reject' })).rejects.toThrow(
    /“This change was approved” and shows no form/,
  );
});

test('a GET or a HEAD never decides, and HEAD has the headers of GET alone', async () => {
  const { link, status } = await prepare();
  const got = await fetch(link);
  const head = await fetch(link, { method: 'HEAD' });
  expect(await head.text()).toBe('');
  expect(head.headers.get('content-security-policy')).toBe(got.headers.get('content-security-policy'));
  expect(got.headers.get('cache-control')).toBe('no-store');
  expect(got.headers.get('x-frame-options')).toBe('DENY');
  expect(got.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  await fetch(`${link}&decision=approve&confirmation=${aRun.workspace}`);
  expect(status()).toBe('pending');
  expect(await got.text()).not.toContain(taskToken);
});

test('an unknown approval and a wrong key get the same answer', async () => {
  const { server } = await prepare();
  const pages = await Promise.all(
    [`${approvalId}?key=${'x'.repeat(43)}`, `unknown-1?key=${key}`, approvalId].map(async (path) => {
      const answer = await fetch(`${server.url}/approvals/${path}`);
      return { status: answer.status, body: await answer.text() };
    }),
  );
  expect(pages[0]?.status).toBe(404);
  expect(pages[1]).toEqual(pages[0]);
  expect(pages[2]).toEqual(pages[0]);
});

test.each<[string, number, Record<string, string | undefined>, Record<string, string>]>([
  ['another content type', 415, {}, { 'content-type': 'application/json' }],
  ['a body of more than 16 KiB', 413, { comment: 'x'.repeat(17_000) }, {}],
  ['an unknown field', 400, { approver: 'eve' }, {}],
  ['a prototype field', 400, { __proto__x: '1' }, {}],
  ['a missing decision', 400, { decision: undefined }, {}],
  ['a foreign form token', 403, { csrf: 'x'.repeat(43) }, {}],
  ['no cookie', 403, {}, { cookie: '' }],
  ['a foreign origin', 403, {}, { origin: 'https://evil.example' }],
  ['a cross-site request', 403, {}, { 'sec-fetch-site': 'cross-site' }],
  ['a wrong key', 404, { key: 'x'.repeat(43) }, {}],
  ['a wrong confirmation', 400, { confirmation: 'yes' }, {}],
])('%s is refused with %i and decides nothing', async (_, expected, change, headers) => {
  const { link, status } = await prepare();
  expect((await post(link, change, headers)).status).toBe(expected);
  expect(status()).toBe('pending');
});

test('a wrong confirmation keeps what was typed', async () => {
  const { link } = await prepare();
  const body = await (await post(link, { confirmation: 'demo', comment: 'a </textarea><b>' })).text();
  expect(body).toContain('a &lt;/textarea&gt;&lt;b&gt;</textarea>');
  expect(body).toContain('Type demo/web-01 exactly');
});

test.each([
  ['its expiry', 410, { expiresAt: startedAt.toISOString() }, 'This request has expired'],
  ['the end of its run', 409, { status: 'voided' as const }, 'The run ended before anybody answered'],
  [
    'another answer',
    409,
    { status: 'rejected' as const, votes: [aVote({ person: 'kim', outcome: 'rejected' })] },
    'by <strong id="decided-by">kim',
  ],
])('an answer after %s is told so with %i', async (_, expected, change, sentence) => {
  const { approvals, link } = await prepare();
  const opened = await fetch(link);
  const csrf = /name="csrf" value="([^"]*)"/.exec(await opened.text())?.[1];
  const ended = aPending({ decidedAt: startedAt.toISOString(), ...change });
  approvals.records.set(approvalId, ended);
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const answer = await post(link, { csrf }, { cookie });
  expect(answer.status).toBe(expected);
  expect(await answer.text()).toContain(sentence);
  expect(approvals.records.get(approvalId)).toEqual(ended);
});

test('no value of a plan can leave its place in the page', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=y>', '\u202e0 destroyed'),
      ),
      async (text) => {
        const attribute = anAttribute({ path: text, before: text, after: text, lines: null });
        const hostile = planOf('replace', [
          aRow({
            action: 'replace',
            type: text,
            members: [{ address: text, attributes: [attribute] }],
          }),
          aRow({
            shared: [{ ...attribute, lines: [text, `+${text}`, `-${text}`, ` ${text}`] }],
            members: [
              { address: text, attributes: [attribute] },
              { address: text, attributes: [] },
            ],
          }),
        ]);
        const show = makeShowApproval({
          findApproval: inMemoryApprovals(aPending()).find,
          loadChange: loadChangeOf({ ...aChange(), reason: text, requestedBy: text }, hostile),
          findDelegations: async () => [],
          identify: makeIdentifyByLink({ findPerson: (id) => ({ id, groups: ['approver'] }) }),
          findRun: async () => undefined,
          signingKeys: fixedKeys('signing-secret'),
          now: () => startedAt,
        });
        const { body } = await show({
          method: 'GET',
          pathId: approvalId,
          query: { key },
          headers: {},
          body: new Uint8Array(),
        });
        expect(body).not.toMatch(/<(?:script|img)/);
        expect(body.match(/<form /g)).toHaveLength(1);
        expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever the order, exactly one end is recorded', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('approve', 'reject', 'expired', 'voided'), { minLength: 2, maxLength: 5 }),
      async (acts) => {
        const { approvals, server, link } = await prepare();
        const close = makeCloseApproval({ approvals, ledger: server.ledger, now: () => startedAt });
        await Promise.all(
          acts.map((act) =>
            act === 'approve' || act === 'reject'
              ? decideOverHttp(link, { decision: act }).catch(() => undefined)
              : close({ run: aRun, change: aPending().change, as: act === 'expired' ? 'expired' : 'voided' }),
          ),
        );
        expect(approvals.records.get(approvalId)?.status).not.toBe('pending');
        const ends = server.ledger.events.filter(({ type }) => type !== 'answer.given');
        expect(ends).toHaveLength(1);
      },
    ),
    { numRuns: 15 },
  );
});

test('who is no approver any more decides nothing, although the link and its form are theirs', async () => {
  const people: Person[] = [{ id: 'alex', groups: ['approver'] }];
  const { link, status, server } = await prepare(aPending(), startedAt, loadChangeOf(), people);
  const opened = await fetch(link);
  const csrf = /name="csrf" value="([^"]*)"/.exec(await opened.text())?.[1];
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  people.length = 0;
  const response = await post(link, { csrf }, { cookie });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('You are not an approver any more');
  expect(await (await fetch(link)).text()).toMatch(/id="refusal".*Only approver may decide/);
  expect(status()).toBe('pending');
  expect(server.ledger.events).toMatchObject([
    { type: 'decision.refused', data: { because: 'no-group', outcome: 'approved' } },
  ]);
});

const two = demandsUnder({
  id: 'two',
  why: 'Two people look at this.',
  when: {},
  approvals: [{ people: 2, from: ['approver'] }],
});

test('where two must approve, one answer is recorded and shown, and the second ends it', async () => {
  const [first, second] = ['a'.repeat(43), 'b'.repeat(43)];
  const record = aPending({
    demands: two,
    links: [
      { approver: 'alex', nonceHash: sha256Hex(first) },
      { approver: 'blair', nonceHash: sha256Hex(second) },
    ],
  });
  const people = ['alex', 'blair'].map((id) => ({ id, groups: ['approver'] }));
  const { link, status, server } = await prepare(record, startedAt, loadChangeOf(), people);
  const linkOf = (own: string) => link.replace(key, own);

  expect((await post(linkOf(first), { key: first })).status).toBe(303);
  expect(status()).toBe('pending');
  expect(server.woken).toEqual([]);
  const page = await (await fetch(linkOf(second))).text();
  expect(page).toMatch(/What happened.*Approved.*by <strong>alex/s);
  expect(page).toContain('1 more of approver');
  expect(await (await fetch(linkOf(first))).text()).toContain('You have answered already');

  expect((await post(linkOf(second), { key: second })).status).toBe(303);
  expect(status()).toBe('approved');
  expect(server.woken).toEqual([{ approvalId }]);
  expect(server.ledger.events.map(({ id }) => id)).toEqual([
    `answer:${approvalId}:1`,
    `answer:${approvalId}:2`,
    `decision:${approvalId}`,
  ]);
});

test('nobody decides on what they asked for', async () => {
  const record = aPending({ starter: { id: 'alex', verified: false } });
  const { link, status, server } = await prepare(record);
  const page = await (await fetch(link)).text();
  expect(page).not.toContain('<form');
  expect(page).toContain('You asked for this change, so somebody else decides on it.');
  expect((await post(link)).status).toBe(403);
  expect(status()).toBe('pending');
  // Without a form of ours, it was no try of theirs.
  expect(server.ledger.events).toEqual([]);
});

test('who has a form and may not decide any more is on the record once, by reference', async () => {
  const record = aPending();
  const { link, status, server, approvals } = await prepare(record);
  const opened = await fetch(link);
  const csrf = /name="csrf" value="([^"]*)"/.exec(await opened.text())?.[1];
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  approvals.records.set(approvalId, { ...record, starter: { id: 'alex', verified: true } });
  for (const decision of ['approve', 'approve', 'reject'])
    expect((await post(link, { csrf, decision }, { cookie })).status).toBe(403);
  expect(status()).toBe('pending');
  expect(server.ledger.events).toMatchObject([
    { type: 'decision.refused', data: { approvalId, because: 'own-request', outcome: 'approved' } },
  ]);
  expect(JSON.stringify(server.ledger.events[0]?.id)).not.toContain('alex');
});

test('a ledger that is away changes nothing of a refusal', async () => {
  const record = aPending();
  const { link, server, approvals } = await prepare(record);
  const opened = await fetch(link);
  const csrf = /name="csrf" value="([^"]*)"/.exec(await opened.text())?.[1];
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  approvals.records.set(approvalId, { ...record, starter: { id: 'alex', verified: true } });
  jest.spyOn(server.ledger, 'append').mockRejectedValue(new Error('away'));
  const response = await post(link, { csrf }, { cookie });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('You asked for this change');
});

test('an answer that breaks the glass wakes what tells of it; an ordinary one does not', async () => {
  const demands = { ...demandsUnder(), breakGlass: { people: 2, from: ['approver'], reasonAtLeast: 10 } };
  const { server, link, approvals } = await prepare(aPending({ demands }));
  await post(link, { emergency: 'yes', comment: 'The shop is down' });
  expect(server.tended).toEqual([{ approvalId }]);
  expect(approvals.records.get(approvalId)).toMatchObject({ tending: '1', dueAt: startedAt.toISOString() });
  const { server: other, link: plain } = await prepare();
  await post(plain);
  expect(other.tended).toEqual([]);
});
