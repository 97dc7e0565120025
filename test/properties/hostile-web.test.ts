import fc from 'fast-check';
import type { Person } from '../../lambdas/approval-rules/people';
import { sha256Hex } from '../../lambdas/shared/digest';
import type { HttpRequest, HttpResponse } from '../../lambdas/shared/http';
import { logger } from '../../lambdas/shared/logger';
import { aRun } from '../support/change-fixtures';
import { aPending, approvalId, inMemoryApprovals, key, loadChangeOf, startedAt } from '../support/gate';
import { makeGate } from '../support/gate-server';

jest.setTimeout(180_000);
const thousand = { numRuns: 1000 };

beforeAll(() => {
  jest.spyOn(logger, 'error').mockImplementation(() => {});
});

const host = 'gate.example';
const form = 'application/x-www-form-urlencoded';
const alex: Person = { id: 'alex', groups: ['approver'] };

const gateOf = (over: { record?: ReturnType<typeof aPending>; signedIn?: Person } = {}) => {
  const approvals = inMemoryApprovals(over.record ?? aPending());
  const gate = makeGate({
    approvals,
    loadChange: loadChangeOf(),
    now: () => startedAt,
    people: [alex],
    ...(over.signedIn && { signedIn: over.signedIn }),
  });
  return { ...gate, approvals };
};

type Fields = Readonly<Record<string, string>>;

/** The form of a page that was opened, as a browser would send it. */
const opened = async (gate: ReturnType<typeof gateOf>, pathId = approvalId, withKey = key) => {
  const { headers, body } = await gate.respond(
    { method: 'GET', pathId, query: { key: withKey }, headers: { host }, body: Buffer.alloc(0) },
    'approval',
  );
  const fields: Fields = {
    key: withKey,
    csrf: /name="csrf" value="([^"]*)"/.exec(body)?.[1] ?? '',
    decision: 'approve',
    confirmation: aRun.workspace,
    comment: '',
  };
  return { fields, cookie: headers['Set-Cookie']?.split(';')[0] ?? '' };
};
type Opened = Awaited<ReturnType<typeof opened>>;

const encoded = (fields: Fields, ...more: (readonly [string, string])[]): string =>
  new URLSearchParams([
    ...Object.entries(fields),
    ...more.map(([name, value]): [string, string] => [name, value]),
  ]).toString();

const postOf = (
  { fields, cookie }: Opened,
  over: Partial<Omit<HttpRequest, 'body'>> & { body?: string | Uint8Array } = {},
): HttpRequest => ({
  method: 'POST',
  pathId: approvalId,
  query: {},
  ...over,
  headers: { host, 'content-type': form, cookie, 'sec-fetch-site': 'same-origin', ...over.headers },
  body: Buffer.from(over.body ?? encoded(fields)),
});

/** Markup that would run, in whatever it is put. */
const planted = '"><img src=x onerror=alert(1)>';

/** No answer is given or told, nobody is woken, nothing planted comes back as markup, and no error is ours. */
const expectNothing = (gate: ReturnType<typeof gateOf>, { status, headers, body }: HttpResponse): void => {
  const { votes, status: stands } = gate.approvals.records.get(approvalId) ?? {};
  // That somebody tried is told; no answer is.
  const ledger = gate.ledger.events.filter(({ type }) => type !== 'decision.refused');
  expect({ stands, votes, ledger, woken: gate.woken }).toEqual({
    stands: 'pending',
    votes: [],
    ledger: [],
    woken: [],
  });
  expect(status).toBeLessThan(500);
  expect(status === 303).toBe(false);
  expect(body).not.toContain('<img src=x');
  expect(Object.values(headers).join('')).not.toMatch(/[\r\n]|<img/);
};

/** Sends what a class makes of the good form; the good form itself decides, so each class can fail. */
const refuses = <T>(arbitrary: fc.Arbitrary<T>, spoiled: (open: Opened, one: T) => HttpRequest | undefined) =>
  fc.assert(
    fc.asyncProperty(arbitrary, async (one) => {
      const gate = gateOf();
      const request = spoiled(await opened(gate), one);
      fc.pre(request !== undefined);
      if (request) expectNothing(gate, await gate.respond(request, 'approval'));
    }),
    thousand,
  );

test('the good form decides: so these tests can fail', async () => {
  const gate = gateOf();
  const request = postOf(await opened(gate));
  expect((await gate.respond(request, 'approval')).status).toBe(303);
  expect(gate.approvals.records.get(approvalId)?.status).toBe('approved');
});

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom(planted, '', ' ', '\0', '%00', '../..', 'null', 'undefined', '\u202e', '${7*7}', '{{7*7}}'),
);
/** A text with something put somewhere into it, left out of it, or in its place. */
const spoiling: fc.Arbitrary<(text: string) => string> = fc.oneof(
  nasty.map((bad) => () => bad),
  fc.tuple(fc.nat(), nasty).map(([at, bad]) => (text: string) => {
    const place = at % (text.length + 1);
    return `${text.slice(0, place)}${bad}${text.slice(place)}`;
  }),
  fc
    .nat()
    .map((at) => (text: string) => `${text.slice(0, at % text.length)}${text.slice((at % text.length) + 1)}`),
  fc.constantFrom<(text: string) => string>(
    (text) => text.toUpperCase(),
    (text) => `${text}${text}`,
    (text) => [...text].reverse().join(''),
    (text) => text.replace('a', '\u0430'),
  ),
);

test.each(['key', 'csrf', 'decision', 'confirmation'])('a spoiled %s', async (name) => {
  await refuses(spoiling, (open, spoil) => {
    const good = open.fields[name] ?? '';
    const bad = spoil(good);
    return bad.trim() === good ? undefined : postOf({ ...open, fields: { ...open.fields, [name]: bad } });
  });
});

test('a field that is missing, or sent twice under any spelling', async () => {
  const required = ['key', 'csrf', 'decision', 'confirmation'];
  const escaped = (name: string): string =>
    [...name].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
  await refuses(
    fc.record({
      name: fc.constantFrom(...required),
      twice: fc.boolean(),
      value: nasty,
      first: fc.boolean(),
      spelling: fc.constantFrom((name: string) => name, escaped),
    }),
    ({ fields, cookie }, { name, twice, value, first, spelling }) => {
      const { [name]: _, ...others } = fields;
      const again = `${spelling(name)}=${encodeURIComponent(value.toWellFormed())}`;
      const body = twice
        ? (first ? [again, encoded(fields)] : [encoded(fields), again]).join('&')
        : encoded(others);
      return postOf({ fields, cookie }, { body });
    },
  );
});

test('fields that nobody asked for', async () => {
  const name = fc.oneof(
    fc.constantFrom(
      ...[
        'approver',
        'person',
        'groups',
        'taskToken',
        'token',
        '_method',
        'status',
        'outcome',
        'votes',
        'key[]',
      ],
      ...['decision[]', 'Decision', 'KEY', '__proto__', 'constructor', 'prototype', 'toString', 'emergency '],
    ),
    fc.string({ minLength: 1, maxLength: 40 }),
  );
  const known = new Set(['key', 'csrf', 'decision', 'confirmation', 'comment', 'emergency']);
  await refuses(fc.tuple(name, nasty), (open, [more, value]) =>
    known.has(more) ? undefined : postOf(open, { body: encoded(open.fields, [more, value]) }),
  );
});

test('an emergency that is none', async () => {
  await refuses(fc.string({ maxLength: 1500 }), (open, comment) =>
    // No rule of this gate lets anybody break the glass.
    postOf({ ...open, fields: { ...open.fields, comment, emergency: 'yes' } }),
  );
});

test('bodies that are no form', async () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const wrapped = fc.constantFrom<(open: Opened) => string>(
    ({ fields }) => JSON.stringify(fields),
    ({ fields }) => `<form>${JSON.stringify(fields)}${planted}</form>`,
    ({ fields }) =>
      Object.entries(fields)
        .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
        .join(''),
    ({ fields }) => encoded(fields).replaceAll('&', ';'),
    ({ fields }) => Buffer.from(encoded(fields)).toString('base64'),
    ({ fields }) => `${encoded(fields)}&comment2=${'x'.repeat(17_000)}`,
    ({ fields }) => encoded(fields).replaceAll('=', '%3D'),
    ({ fields }) => Buffer.from(encoded(fields), 'utf16le').toString('latin1'),
    () => '%',
    () => '%E0%A4%A&key=%',
    () => `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  );
  await refuses(fc.oneof(bytes, wrapped), (open, body) =>
    postOf(open, { body: typeof body === 'function' ? body(open) : body }),
  );
});

test('every other content type', async () => {
  const type = fc.oneof(
    nasty,
    spoiling.map((spoil) => spoil(form)),
    fc.constantFrom('application/json', 'multipart/form-data; boundary=x', 'text/plain', 'application/xml'),
    fc.constantFrom(`text/plain;${form}`, `application/json, ${form}`, `${form},${form}`, `x${form}`),
  );
  await refuses(type, (open, given) =>
    given.split(';')[0]?.trim().toLowerCase() === form
      ? undefined
      : postOf(open, { headers: { 'content-type': given } }),
  );
});

test('cookies that are missing, spoiled, of another name or of another approval', async () => {
  await refuses(
    fc.tuple(spoiling, fc.constantFrom('none', 'value', 'name', 'injected', 'other')),
    (open, [spoil, how]) => {
      const [name = '', value = ''] = open.cookie.split('=');
      const other = 'A'.repeat(43);
      const cookie = {
        none: '',
        value: `${name}=${spoil(value)}`,
        name: `${spoil(name)}=${value}`,
        // Somebody on a neighbouring host name sets one of the same name: the first counts, and fits no form.
        injected: `${name}=${other}; ${open.cookie}`,
        other: `approval-0123456789ab=${value}`,
      }[how];
      // White space around a name or a value is none of it.
      const isGood =
        how !== 'injected' &&
        cookie.split(';').some((pair) => pair.replace(/\s*=\s*/, '=').trim() === open.cookie);
      return isGood ? undefined : postOf({ ...open, cookie });
    },
  );
});

test('a form token of another approval, link, visitor or time', async () => {
  const otherKey = 'j'.repeat(43);
  const elsewhere = gateOf({
    record: aPending({
      approvalId: 'run-2-eeeeeeee',
      links: [{ approver: 'alex', nonceHash: sha256Hex(key) }],
    }),
  });
  const sameApproval = gateOf({
    record: aPending({ links: [{ approver: 'kim', nonceHash: sha256Hex(otherKey) }] }),
  });
  const signedIn = gateOf({ signedIn: { id: 'kim', groups: ['approver'] } });
  const sources = fc.constantFrom(
    () => opened(elsewhere, 'run-2-eeeeeeee'),
    () => opened(sameApproval, approvalId, otherKey),
    () => opened(signedIn),
    // The same page, opened by another browser.
    () => opened(gateOf()),
  );
  await fc.assert(
    fc.asyncProperty(sources, fc.boolean(), async (source, withTheirCookie) => {
      const gate = gateOf();
      const [mine, theirs] = [await opened(gate), await source()];
      const cookie = withTheirCookie ? `${theirs.cookie}; ${mine.cookie}` : mine.cookie;
      const fields = { ...mine.fields, csrf: theirs.fields.csrf ?? '' };
      // Another browser's token with its cookie is that browser's own form.
      fc.pre(!withTheirCookie || theirs.cookie.split('=')[0] !== mine.cookie.split('=')[0]);
      expectNothing(gate, await gate.respond(postOf({ fields, cookie }), 'approval'));
    }),
    thousand,
  );
});

test('ids of approvals that are none, or of another', async () => {
  await refuses(spoiling, (open, spoil) => {
    const pathId = spoil(approvalId);
    return pathId === approvalId ? undefined : postOf(open, { pathId });
  });
});

test('requests that another site makes', async () => {
  const site = fc.constantFrom('cross-site', 'same-site', 'none', 'Same-Origin', 'same-origin ', '', planted);
  const origin = fc.oneof(
    fc.webUrl().map((url) => new URL(url).origin),
    fc.constantFrom(
      ...[`https://${host}.evil.example`, `https://evil.example/${host}`, `https://evil.example#${host}`],
      ...[`https://${host}@evil.example`, `https://x${host}`, `https://${host}:444`, 'nul', 'NULL', planted],
      ...['file://', 'data:', 'chrome-extension://abc', `//${host}`, host, ''],
    ),
  );
  await refuses(
    fc.oneof(
      site.map((value): Record<string, string> => ({ 'sec-fetch-site': value })),
      origin.map((value): Record<string, string> => ({ origin: value })),
      fc
        .tuple(site, origin)
        .map(([one, other]): Record<string, string> => ({ 'sec-fetch-site': one, origin: other })),
    ),
    (open, headers) => postOf(open, { headers }),
  );
});

test('every other method, whatever it says that it is', async () => {
  const method = fc.oneof(
    fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'post', 'POST '),
    fc.string({ minLength: 1, maxLength: 10 }),
  );
  const override = fc.constantFrom(
    'x-http-method-override',
    'x-http-method',
    'x-method-override',
    'x-original-method',
    'sec-purpose',
    'x-forwarded-method',
  );
  const resource = fc.constantFrom('approval', 'changes', 'lists');
  await fc.assert(
    fc.asyncProperty(method, override, resource, async (verb, header, page) => {
      fc.pre(verb !== 'POST');
      const gate = gateOf();
      const open = await opened(gate);
      const request = postOf(open, {
        method: verb,
        query: { ...open.fields, _method: 'POST' },
        headers: { [header]: header === 'sec-purpose' ? 'prefetch' : 'POST' },
      });
      const answered = await gate.respond(request, page);
      expectNothing(gate, answered);
      if (verb !== 'GET' && verb !== 'HEAD' && page === 'approval') expect(answered.status).toBe(405);
    }),
    thousand,
  );
});

test('addresses that are spoiled, on every page', async () => {
  await fc.assert(
    fc.asyncProperty(
      spoiling,
      fc.dictionary(fc.string({ maxLength: 12 }), nasty, { maxKeys: 4 }),
      fc.constantFrom('approval', 'changes', 'lists'),
      async (spoil, query, page) => {
        const gate = gateOf();
        const request: HttpRequest = {
          method: 'GET',
          pathId: spoil(approvalId),
          query: { group: planted, page: '-1', host: planted, ...query, key: spoil(key) },
          headers: { host, cookie: planted, 'user-agent': planted, referer: planted },
          body: Buffer.alloc(0),
        };
        expectNothing(gate, await gate.respond(request, page));
      },
    ),
    thousand,
  );
});

test('comments come back as text, and go nowhere else', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, async (text) => {
      const gate = gateOf();
      const { fields, cookie } = await opened(gate);
      const comment = `${planted}${text}`;
      const draft = { fields: { ...fields, comment, confirmation: 'another/one' }, cookie };
      expectNothing(gate, await gate.respond(postOf(draft), 'approval'));
      await gate.respond(postOf({ fields: { ...fields, comment }, cookie }), 'approval');
      expect(gate.approvals.records.get(approvalId)?.status).toBe('approved');
      expect(JSON.stringify(gate.ledger.events)).not.toContain('onerror');
      const { body } = await gate.respond(
        { method: 'GET', pathId: approvalId, query: { key }, headers: { host }, body: Buffer.alloc(0) },
        'approval',
      );
      expect(body).toContain('&lt;img src=x');
      expect(body).not.toContain('<img src=x');
    }),
    thousand,
  );
});
