import { makeFindSession, newSessionId, sessionCookie } from '../../../lambdas/identity/find-session';
import type { Session } from '../../../lambdas/identity/session-store';
import { sha256Hex } from '../../../lambdas/shared/digest';
import { fixedKeys } from '../../support/fixed-keys';
import { inMemorySessions } from '../../support/in-memory-sessions';

const publicUrl = 'https://gate.example.com/live';
const at = (minutes: number) => new Date(Date.UTC(2026, 10, 21, 9, minutes));
const id = newSessionId();
const session: Session = {
  sessionHash: sha256Hex(id),
  person: { id: 'kim@example.com', groups: ['approver'] },
  signedInAt: at(0).toISOString(),
  expiresAt: at(60).toISOString(),
  removeAt: at(60).getTime() / 1000,
};

const ask = async (
  cookie: string,
  minutes: number,
  keys: readonly [string, string?] = ['secret'],
  own = publicUrl,
) => {
  const sessions = inMemorySessions();
  await sessions.create(session);
  const find = makeFindSession({
    sessions,
    signingKeys: fixedKeys(...keys),
    publicUrl: own,
    idleMinutes: 30,
    now: () => at(minutes),
  });
  return find({ method: 'GET', pathId: '', query: {}, headers: { cookie }, body: new Uint8Array() });
};
const given = (minutes: number, own = publicUrl) =>
  sessionCookie('secret', own, id, at(minutes)).split(';')[0] ?? '';

test('only a browser that came over TLS, and no other host and no script, has the cookie', () => {
  expect(sessionCookie('secret', publicUrl, id, at(0))).toMatch(
    /^__Host-session=[\w-]{43}\.\d+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  );
});

test('a session is found with its person, and every visit begins the idle time anew', async () => {
  const found = await ask(given(0), 29);
  expect(found?.session).toEqual(session);
  expect(await ask(found?.cookie.split(';')[0] ?? '', 58)).toBeDefined();
});

test.each<[string, string, number]>([
  ['idle for half an hour', given(0), 30],
  ['older than an hour, however active', given(59), 60],
  [
    'of a cookie that was changed',
    given(0).replace(/(?<=\.)[\w-](?=[\w-]{42}$)/, (first) => (first === 'A' ? 'Q' : 'A')),
    1,
  ],
  ['whose last visit was written anew', given(0).replace(/\.\d+\./, '.9999999999.'), 45],
  ['of another id', `__Host-session=${'x'.repeat(43)}${/\..*/.exec(given(0))?.[0]}`, 1],
  ['of a cookie without the prefix', given(0).replace('__Host-', ''), 1],
  ['of no cookie', '', 1],
  ['of nonsense', '__Host-session=;;;=;__Host-session=a.b.c', 1],
])('there is no session %s', async (_, cookie, minutes) => {
  expect(await ask(cookie, minutes)).toBeUndefined();
});

test('a new signing secret without the one before ends every session', async () => {
  expect(await ask(given(0), 1, ['another'])).toBeUndefined();
});

test('a rotation ends no session: each visit signs it anew, so that it has left the old key when that is retired', async () => {
  const during = await ask(given(0), 20, ['new', 'secret']);
  expect(during?.session).toEqual(session);
  const retired = await ask(during?.cookie.split(';')[0] ?? '', 45, ['new']);
  expect(retired?.session).toEqual(session);
});

test('the table is never told the id', async () => {
  expect(JSON.stringify(session)).not.toContain(id);
});
