import fc from 'fast-check';
import { makeShowCredentials } from '../../lambdas/approval-pages/show-credentials';
import { makeIdentifyByLink } from '../../lambdas/identity/by-link';
import type { CredentialRecord } from '../../lambdas/rotation/journal';
import { aCredential, aRotation, everyStanding, hoursFrom } from '../support/credential-records';
import { startedAt } from '../support/gate';

const sam = { id: 'sam', groups: ['auditor'] };
type Deps = Parameters<typeof makeShowCredentials>[0];
const showOf = (records: readonly CredentialRecord[], over: Partial<Deps> = {}) =>
  makeShowCredentials({
    journal: {
      list: async function* () {
        yield* records;
      },
    },
    identify: async () => ({ visitor: { person: sam, binding: '', query: {}, headers: { 'X-Own': '1' } } }),
    runUrl: null,
    now: () => startedAt,
    ...over,
  });
const get = (
  records: readonly CredentialRecord[],
  query: Record<string, string> = {},
  over: Partial<Deps> = {},
) => showOf(records, over)({ method: 'GET', pathId: '', query, headers: {}, body: Buffer.of() });

test('what needs somebody comes first, the gravest before the rest, then by when it is due', async () => {
  const { status, body, headers } = await get([...everyStanding].reverse());
  expect(status).toBe(200);
  expect(headers['X-Own']).toBe('1');
  const names = [...body.matchAll(/(?:<h3>|<summary>)([^<]*(?:web|page|api)[^<]*)</g)].map(([, name = '']) =>
    name.trim().split('/').slice(-2).join('/'),
  );
  expect(names).toEqual([
    'web-03/ledger',
    'web-02/billing',
    'web-01/orders',
    'acme-shop-api-token',
    'web-01/shop',
    'web-02/shop',
    'web-03/shop',
    'web-04/shop',
    'web-01/catalogue',
    'orchestrator/page-secret',
  ]);
  const headings = [...body.matchAll(/<h2 id="([^"]+)"/g)].map(([, id]) => id);
  expect(headings).toEqual(['needs-somebody', 'in-flight', 'due', 'soon', 'fine']);
  expect(body).toMatch(/<strong>4<\/strong>⚠ need somebody/);
});

test('it says in words how a credential stands, why, and what to do', async () => {
  const { body } = await get([
    aCredential({
      nextDueAt: hoursFrom(-5 * 24),
      lastResult: {
        outcome: 'abandoned',
        at: hoursFrom(-6),
        runId: 'run-7',
        error: 'MissingRightsError',
        message: 'The next login may not SELECT on invoices.',
      },
    }),
  ]);
  const text = body.replace(/<[^>]+>/g, '');
  expect(text).toContain('✕ Last rotation failed · ⚠ Overdue');
  expect(text).toContain('The next login may not SELECT on invoices. MissingRightsError');
  expect(text).toContain(
    'Due for 5 days (since 16 Nov 2026, 09:00 UTC), every 90 days. The current one is 95 days old.',
  );
  expect(text).toContain('What to do: What is current still works.');
  expect(text).toContain(
    'Strategy postgresql-alternating-users, owned by team-orders. Used by: orders-api, orders-reports.',
  );
  expect(text).toContain('run run-7');
});

test('of a rotation in flight it tells the step and how long it must wait', async () => {
  const rotation = aRotation({
    step: 'drain',
    attempt: 2,
    begunAt: hoursFrom(-1.5),
    promotedAt: hoursFrom(-1),
    drainUntil: hoursFrom(0.5),
  });
  const { body } = await get([aCredential({ nextDueAt: hoursFrom(-2), rotation })]);
  expect(body).toContain('Step 6 of 7, drain');
  expect(body.replace(/<[^>]+>/g, '')).toContain(
    'Begun 90 minutes ago, try 2. At least until 21 Nov 2026, 09:30 UTC.',
  );
  expect(body).toContain('<h2 id="in-flight">');
});

test('where neither login works it says so before everything else', async () => {
  const { body } = await get([
    ...everyStanding,
    aCredential({
      id: 'lost',
      rotation: aRotation({ step: 'confirm' }),
      lastResult: { outcome: 'failed', at: hoursFrom(-1), runId: 'r', error: 'CredentialRefusedError' },
    }),
  ]);
  expect(body.indexOf('<h3>lost')).toBe(body.indexOf('<h3>'));
  expect(body).toContain('✕ Nobody can sign in');
});

test('a run leads to the console where there is one', async () => {
  const record = aCredential({ lastResult: { outcome: 'completed', at: hoursFrom(-1), runId: 'run-7' } });
  const { body } = await get([record], {}, { runUrl: (runId) => `https://console.example/${runId}` });
  expect(body).toContain('<a href="https://console.example/run-7">run run-7</a>');
  expect((await get([record])).body).not.toContain('console.example');
});

test('where there is none yet, it says what to do', async () => {
  const { body } = await get([]);
  expect(body).toContain('No credential is known yet.');
  expect(body).toContain('rotation-strategy');
  expect(body).not.toContain('class="tally"');
});

test('a thousand are read to their end by following links, each once, on small pages', async () => {
  const records = Array.from({ length: 1000 }, (_, index) => aCredential({ id: `s-${index}-x` }));
  const seen = new Set<string>();
  let next: string | undefined = '1';
  let pages = 0;
  for (; next !== undefined && pages < 99; pages++) {
    const { status, body } = await get(records, { page: next });
    expect(status).toBe(200);
    expect(Buffer.byteLength(body)).toBeLessThan(60_000);
    for (const [name] of body.matchAll(/s-\d+-x/g)) seen.add(name);
    next = /href="credentials\?page=(\d+)">Next/.exec(body)?.[1];
  }
  expect(seen.size).toBe(1000);
  expect((await get(records, { page: String(pages + 1) })).status).toBe(404);
});

test.each(['0', '-1', '1e3', 'x', '', '999999'])('there is no page %j', async (page) => {
  const { status, body } = await get(everyStanding, { page });
  expect(status).toBe(404);
  expect(body).toContain('There is no such page');
});

test('who does not sign in sees none of it, and nobody who is turned away has anything read', async () => {
  const asked: string[] = [];
  const journal = {
    list: () => {
      throw new Error('read');
    },
  };
  const byLink = await get(
    [],
    {},
    { journal, identify: makeIdentifyByLink({ findPerson: () => undefined }) },
  );
  expect(byLink.status).toBe(404);
  expect(byLink.body).toContain('In this environment nobody signs in');
  const away = await get(
    [],
    { page: '3' },
    {
      journal,
      identify: async (_, { to }) => {
        asked.push(to);
        return { turnedAway: { status: 303, headers: {}, body: '' } };
      },
    },
  );
  expect(away.status).toBe(303);
  expect(asked).toEqual(['credentials?page=3']);
});

test('it is only opened', async () => {
  const answer = await showOf(everyStanding)({
    method: 'POST',
    pathId: '',
    query: {},
    headers: {},
    body: Buffer.of(),
  });
  expect(answer).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } });
  const { body } = await get(everyStanding);
  expect(body).not.toMatch(/<form|<button/);
});

test('what fails on our side is said without what failed', async () => {
  const journal = {
    list: () => {
      throw new Error('the table arn:aws:x is away');
    },
  };
  const { status, body } = await get([], {}, { journal });
  expect(status).toBe(500);
  expect(body).not.toContain('arn:aws');
});

test('whatever a tag or an error says, it stays text, in its place, on a small page', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
    fc.constantFrom('<script>alert(1)</script>', '"><img src=x>', '\u202eenif', '&'.repeat(2000)),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const { body, status } = await get(
        Array.from({ length: 20 }, () =>
          aCredential({
            id: text,
            strategy: text,
            owner: text,
            consumers: Array.from({ length: 40 }, () => text),
            lastResult: { outcome: 'failed', at: hoursFrom(-1), runId: text, error: text, message: text },
            rotation: aRotation({ runId: text, because: { error: text, message: text } }),
          }),
        ),
      );
      expect(status).toBe(200);
      expect(Buffer.byteLength(body)).toBeLessThan(60_000);
      expect(body).not.toMatch(/<(?:script|img)/);
      expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }),
    { numRuns: 40 },
  );
});
