import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { newAttempt } from '../../../lambdas/sign-in/attempt';
import { makeProvider } from '../../../lambdas/sign-in/provider';
import { type Lie, startLyingProvider } from '../../support/lying-provider';

const publicUrl = 'https://gate.example.com/live';
let lying: Awaited<ReturnType<typeof startLyingProvider>>;
beforeAll(async () => {
  lying = await startLyingProvider();
});
afterAll(() => lying.stop());

const settings = (issuer = lying.issuer) => ({
  issuer,
  clientId: 'orchestrator',
  scopes: ['openid', 'email'],
  publicUrl,
  now: () => new Date(),
});
const attempt = newAttempt('approvals', new Date());
const redeem = (lie: Lie, query: Record<string, string> = {}, provider = makeProvider(settings())) => {
  lying.tell(attempt, lie);
  return provider.redeem({ code: 'a-code', state: attempt.state, ...query }, attempt);
};

test('an honest answer is believed', async () => {
  expect(await redeem({})).toMatchObject({ sub: 'kim', email: 'kim@example.com', groups: ['approvers'] });
});

test('the address to sign in at carries everything that binds the answer to the attempt, and no verifier', async () => {
  const address = new URL(await makeProvider(settings()).signInUrl(attempt));
  expect(Object.fromEntries(address.searchParams)).toEqual({
    client_id: 'orchestrator',
    redirect_uri: `${publicUrl}/sign-in/callback`,
    response_type: 'code',
    scope: 'openid email',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  expect(address.href).not.toContain(attempt.verifier);
});

test.each<[string, Lie]>([
  ['of another issuer', { claims: { iss: 'https://evil.example' } }],
  ['for another audience', { claims: { aud: 'another-application' } }],
  ['for several, of which another asked', { claims: { aud: ['orchestrator', 'b'], azp: 'b' } }],
  ['that is too old', { claims: { exp: Math.floor(Date.now() / 1000) - 3600 } }],
  ['without an end', { claims: { exp: undefined } }],
  ['for another attempt', { claims: { nonce: 'n'.repeat(43) } }],
  ['for no attempt', { claims: { nonce: undefined } }],
  ['without a subject', { claims: { sub: undefined } }],
  ['signed by somebody else', { foreignKey: true }],
  ['without a signature', { unsigned: true }],
  ['that says it needs none', { header: { alg: 'none' }, unsigned: true }],
  ['that says it is signed with a secret', { header: { alg: 'HS256' } }],
  ['of an unknown key', { header: { kid: 'another' } }],
  ['that is not there', { noToken: true }],
])('an ID token %s signs nobody in', async (_, lie) => {
  await expect(redeem(lie)).rejects.toMatchObject({ name: 'SignInRefusedError' });
});

test('an answer for another state, or from another issuer, is not redeemed', async () => {
  for (const query of [{ state: 's'.repeat(43) }, { iss: 'https://evil.example' }])
    await expect(redeem({}, query)).rejects.toMatchObject({ name: 'SignInRefusedError' });
});

test.each([500, 503])('a provider that fails with %i is told from one that refuses', async (status) => {
  await expect(redeem({ status })).rejects.toMatchObject({ name: 'SignInUnavailableError' });
  await expect(redeem({ status: 400 })).rejects.toMatchObject({ name: 'SignInRefusedError' });
});

test('a provider that is away is asked again at the next sign-in', async () => {
  const elsewhere = createServer().listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const { port } = elsewhere.address() as AddressInfo;
  elsewhere.close();
  await once(elsewhere, 'close');
  const provider = makeProvider(settings(`http://127.0.0.1:${port}`));
  for (let time = 0; time < 2; time++)
    await expect(provider.signInUrl(attempt)).rejects.toMatchObject({ name: 'SignInUnavailableError' });
});

test('without an address to sign out at, there is none to offer', async () => {
  expect(await makeProvider(settings()).signOutUrl()).toBeUndefined();
});
