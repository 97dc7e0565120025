import fc from 'fast-check';
import { makeShowLists } from '../../lambdas/approval-pages/show-lists';
import type { Delegation, Person } from '../../lambdas/approval-rules/people';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import { aVote, demandsUnder } from '../support/approval-fixtures';
import { aPending, inMemoryApprovals, loadChangeOf, startedAt, taskToken } from '../support/gate';
import { serveGate } from '../support/gate-server';
import { ended, listsOf, waits } from '../support/listed-approvals';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const later = (hours: number): string => new Date(startedAt.getTime() + hours * 3_600_000).toISOString();
const alex: Person = { id: 'alex', groups: ['approver'] };
const summary = {
  headline: 'Creates 1, changes 0, destroys 0 in demo/web-01.',
  workflow: 'vm-provisioning',
  counts: { create: 1, update: 0, replace: 0, delete: 0 },
  dangers: [],
};
const loss = {
  ...summary,
  headline: 'Destroys everything in demo/db.',
  counts: { ...summary.counts, delete: 3 },
};

const serve = async (
  items: Parameters<typeof listsOf>,
  signedIn: Person | undefined = alex,
  delegations: readonly Delegation[] = [],
) => {
  const { lists, sent } = listsOf(...items);
  const server = await serveGate({
    approvals: inMemoryApprovals(aPending()),
    loadChange: loadChangeOf(),
    now: () => startedAt,
    lists,
    delegations,
    ...(signedIn && { signedIn }),
  });
  open.push(server);
  return { url: `${server.url}/approvals`, sent };
};
const get = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
};
const linksIn = (body: string, at: string): string[] =>
  [...body.matchAll(/<a href="([^"]+)"/g)].map(
    ([, href = '']) => new URL(href.replaceAll('&amp;', '&'), at).href,
  );

test('somebody who signed in sees what they may answer, what they asked for, and what was decided', async () => {
  const two = demandsUnder({
    id: 'two',
    why: 'Two people look at this.',
    when: {},
    approvals: [{ people: 2, from: ['approver', 'admin'] }],
  });
  const { url } = await serve([
    waits('late', { expiresAt: later(20), summary }),
    waits('soon', { expiresAt: later(2), summary: loss, demands: two }),
    waits('answered', { expiresAt: later(5), summary, demands: two, votes: [aVote()] }),
    waits('own', { expiresAt: later(8), summary, starter: { id: 'alex', verified: true } }),
    ended('done', later(-2)),
  ]);
  const { status, body, headers } = await get(url);
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(linksIn(body, url)).toEqual([
    url.replace('approvals', 'credentials'),
    url.replace('approvals', 'sign-out'),
    ...['soon', 'answered', 'own', 'late', 'own', 'done'].map((id) => `${url}/${id}`),
  ]);
  expect(body).toContain('You are alex');
  const [soon = '', answered = '', own = '', late = ''] = body.split('<li>').slice(1);
  expect(soon).toContain('⚠ 3 existing resources are lost');
  expect(soon).toContain('2 more of approver or admin');
  expect(answered).toMatch(/✓ You approved<.*Waits for 1 more of/);
  expect(own).toContain('You asked for this change, so somebody else decides on it.');
  expect(late).toContain('▸ You may answer');
  expect(late).toContain('in 20 h');
  expect(late).toContain('maria@example.com (unverified)');
  expect(body).not.toContain(taskToken);
  expect(body).not.toContain('<form');
});

test('from an approval somebody who signed in comes back to the list', async () => {
  const { url } = await serve([waits('one', { summary })]);
  const { status, body } = await get(`${url}/${aPending().approvalId}`);
  expect(status).toBe(200);
  expect(linksIn(body, `${url}/${aPending().approvalId}`)).toContain(url);
});

test('a long list is read to its end by following links, each approval once', async () => {
  const ids = Array.from({ length: 63 }, (_, index) => `run-${String(index).padStart(2, '0')}`);
  const { url } = await serve(ids.map((id) => waits(id, { expiresAt: later(2), summary })));
  const seen = new Set<string>();
  let next: string | undefined = url;
  for (let pages = 0; next !== undefined && pages < 9; pages++) {
    const { status, body } = await get(next);
    expect(status).toBe(200);
    const links = linksIn(body, next);
    for (const link of links) if (link.startsWith(`${url}/`)) seen.add(link.slice(url.length + 1));
    next = links.find((link) => link.includes('list=waiting&after='));
  }
  expect(next).toBeUndefined();
  expect([...seen].sort()).toEqual(ids);
});

test.each([
  ['auditor', ['auditor'], 1],
  ['member of another group', ['team-a'], 0],
])('an %s sees as many', async (_, groups, shown) => {
  const { url } = await serve([waits('one', { summary })], { id: 'sam', groups });
  const { body } = await get(url);
  expect(body.match(/<li>/g) ?? []).toHaveLength(shown);
  expect(body).not.toContain('You may answer');
});

test('where people do not sign in, the page says where approvals are found', async () => {
  const server = await serveGate({
    approvals: inMemoryApprovals(aPending()),
    loadChange: loadChangeOf(),
    now: () => startedAt,
    lists: listsOf(waits('one', { summary })).lists,
  });
  open.push(server);
  const { status, body } = await get(`${server.url}/approvals`);
  expect(status).toBe(404);
  expect(body).toContain('Here, approvals come by mail');
  expect(body).not.toContain(summary.headline);
});

test.each([
  'list=x',
  'list=waiting&after=',
  'list=waiting&after=2026',
  'list=__proto__',
  `list=ended&after=${'9'.repeat(999)}`,
])('there is no list %j', async (query) => {
  const { url, sent } = await serve([waits('one', { summary })]);
  const { status, body } = await get(`${url}?${query}`);
  expect(status).toBe(404);
  expect(body).toContain('There is no such list');
  expect(sent).toEqual([]);
});

test('a list is only opened: a POST changes nothing, a HEAD has no body', async () => {
  const { url } = await serve([waits('one', { summary })]);
  expect(await get(url, { method: 'POST' })).toMatchObject({ status: 405 });
  expect(await get(url, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test('a full list stays small, whatever its entries say, and none of them leaves its place', async () => {
  const full = (index: number, text: string): ApprovalRecord =>
    waits(`run-${index}`, {
      expiresAt: later(2),
      summary: { ...loss, headline: text },
      starter: { id: text.slice(0, 128), verified: false },
      demands: demandsUnder({
        id: 'x'.repeat(63),
        why: 'w'.repeat(200),
        when: {},
        approvals: [{ people: 9, from: Array.from({ length: 6 }, (_, n) => `${'g'.repeat(40)}-${n}`) }],
      }),
      votes: Array.from({ length: 8 }, (_, n) => aVote({ person: `${n}`, comment: 'c'.repeat(1000) })),
    });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 500 }),
        fc.constantFrom('<script>alert(1)</script>', '"><img src=x>', '\u202e0 destroyed', '&'.repeat(500)),
      ),
      async (text) => {
        const { lists } = listsOf(...Array.from({ length: 30 }, (_, index) => full(index, text) as never));
        const show = makeShowLists({
          lists,
          identify: async () => ({ visitor: { person: alex, binding: '', query: {}, headers: {} } }),
          findDelegations: async () => [],
          now: () => startedAt,
        });
        for (const query of [{}, { list: 'waiting' }]) {
          const { body } = await show({ method: 'GET', pathId: '', query, headers: {}, body: Buffer.of() });
          expect(Buffer.byteLength(body)).toBeLessThan(60_000);
          expect(body).not.toMatch(/<(?:script|img)/);
          expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a delegate sees what waits for whom they answer for, as long as they do', async () => {
  const items: Parameters<typeof listsOf> = [waits('for-approvers', { expiresAt: later(20), summary })];
  const sam: Person = { id: 'sam', groups: ['operator'] };
  const until = (at: string) => [{ from: alex, to: 'sam', until: at }];
  const during = await get((await serve(items, sam, until(later(1)))).url);
  expect(during.body).toContain('approvals/for-approvers');
  expect(during.body).toContain('You may answer');
  const after = await get((await serve(items, sam, until(startedAt.toISOString()))).url);
  expect(after.body).not.toContain('approvals/for-approvers');
  const away = await get((await serve(items, alex, until(later(1)))).url);
  expect(away.body).toContain('You let sam answer for you');
});

test('what fails on our side is said without what failed', async () => {
  const show = makeShowLists({
    lists: { ...listsOf().lists, waiting: () => Promise.reject(new Error('the table arn:aws:x is away')) },
    identify: async () => ({ visitor: { person: alex, binding: '', query: {}, headers: {} } }),
    findDelegations: async () => [],
    now: () => startedAt,
  });
  const answer = await show({ method: 'GET', pathId: '', query: {}, headers: {}, body: Buffer.of() });
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain('arn:aws');
});
