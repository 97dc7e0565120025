import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STSClient } from '@aws-sdk/client-sts';
import type { IssuedCredentials, TemporaryCredentials } from '../../../lambdas/broker-credentials/contract';
import { makeIssueCredentials } from '../../../lambdas/runners/issue-credentials';
import { type CredentialEndpoint, openCredentialEndpoint } from '../../../lambdas/runners/lent-credentials';
import { NotApprovedError } from '../../../lambdas/shared/errors';
import { aRun } from '../../support/change-fixtures';

let endpoint: CredentialEndpoint | undefined;
afterEach(() => endpoint?.close());

const hour = 60 * 60_000;

/** A broker that lends for an hour, on a clock that the test moves. */
const open = async (refuse?: { from: number }, target?: TemporaryCredentials) => {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const hidden: string[] = [];
  let lent = 0;
  const issue = async (): Promise<IssuedCredentials> => {
    lent += 1;
    if (refuse && lent >= refuse.from) throw new NotApprovedError('Not any more.');
    return {
      accessKeyId: `ASIA00000000000000${lent}`,
      secretAccessKey: `secret-access-key-${lent}`,
      sessionToken: `session-token-no-${lent}`,
      expiration: new Date(clock.now + hour).toISOString(),
      ...(target && { target }),
    };
  };
  endpoint = await openCredentialEndpoint({
    issue,
    hide: (secrets) => hidden.push(...secrets),
    now: () => new Date(clock.now),
  });
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url = '', AWS_CONTAINER_AUTHORIZATION_TOKEN: token = '' } =
    endpoint.env;
  const get = (authorization: string | undefined = token, method = 'GET') =>
    fetch(url, { method, headers: authorization === '' ? {} : { authorization } });
  return { clock, hidden, get, url, token, lentTimes: () => lent };
};

test('answers in the words of AWS, on this machine alone, and hides what it says from logs', async () => {
  const { get, hidden, url, token } = await open();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await (await get()).json()).toEqual({
    AccessKeyId: 'ASIA000000000000001',
    SecretAccessKey: 'secret-access-key-1',
    Token: 'session-token-no-1',
    Expiration: '2026-01-01T01:00:00.000Z',
  });
  expect(hidden).toEqual(['secret-access-key-1', 'session-token-no-1', token]);
});

describe('where the infrastructure stands in another account', () => {
  const target = {
    accessKeyId: 'ASIATARGET0000000001',
    secretAccessKey: 'secret-access-key-of-the-target',
    sessionToken: 'session-token-of-the-target',
    expiration: '2026-01-01T00:59:00.000Z',
  };

  test('an AWS SDK gets that identity by the profile, and ours without it', async () => {
    const { get, hidden } = await open(undefined, { ...target, expiration: '2099-01-01T00:00:00.000Z' });
    const folder = await mkdtemp(join(tmpdir(), 'target-profile-'));
    const file = join(folder, 'aws-config');
    const { AWS_CONFIG_FILE } = process.env;
    try {
      await writeFile(file, endpoint?.awsConfig ?? '');
      process.env.AWS_CONFIG_FILE = file;
      const there = await new STSClient({ profile: 'target', region: 'us-east-1' }).config.credentials();
      expect(there).toMatchObject({
        accessKeyId: target.accessKeyId,
        secretAccessKey: target.secretAccessKey,
        sessionToken: target.sessionToken,
      });
    } finally {
      if (AWS_CONFIG_FILE === undefined) delete process.env.AWS_CONFIG_FILE;
      else process.env.AWS_CONFIG_FILE = AWS_CONFIG_FILE;
      await rm(folder, { recursive: true });
    }
    expect(await (await get()).text()).not.toContain('target');
    expect(hidden).toEqual(expect.arrayContaining([target.secretAccessKey, target.sessionToken]));
  });

  test('both are renewed when either is about to end', async () => {
    const { clock, get, lentTimes } = await open(undefined, target);
    clock.now = Date.parse('2026-01-01T00:49:30Z');
    await get();
    expect(lentTimes()).toBe(2);
  });

  test('without such an account there is no profile, and nothing behind its address', async () => {
    const { url, token } = await open();
    expect(endpoint?.awsConfig).toBeUndefined();
    const response = await fetch(`${url}target`, { headers: { authorization: token } });
    expect(response.status).toBe(403);
  });
});

test.each([
  ['no token', ''],
  ['another token', 'x'.repeat(43)],
  ['a part of it', undefined],
])('says nothing to who has %s', async (_, given) => {
  const { get, token } = await open();
  const response = await get(given ?? token.slice(1));
  expect(response.status).toBe(403);
  expect(await response.text()).not.toMatch(/secret-access|session-token/);
  expect((await get(token, 'POST')).status).toBe(403);
});

test('asks the broker again before the hour is over, once however many ask', async () => {
  const { clock, get, lentTimes } = await open();
  clock.now += hour - 11 * 60_000;
  await get();
  expect(lentTimes()).toBe(1);
  clock.now += 2 * 60_000;
  const answers = await Promise.all([get(), get(), get()]);
  expect(await answers[0]?.json()).toMatchObject({ AccessKeyId: 'ASIA000000000000002' });
  expect(lentTimes()).toBe(2);
});

test('a tool that is being stopped keeps what it has until that expires', async () => {
  const { clock, get } = await open({ from: 2 });
  clock.now += hour - 60_000;
  expect(await (await get()).json()).toMatchObject({ AccessKeyId: 'ASIA000000000000001' });
  clock.now += 61_000;
  const refused = await get();
  expect(refused.status).toBe(403);
  expect(await refused.json()).toEqual({ code: 'NotApprovedError', message: 'Not any more.' });
});

test('what the broker refuses with is raised before any tool starts', async () => {
  await expect(open({ from: 1 })).rejects.toThrow(NotApprovedError);
});

describe('asking the broker', () => {
  const answering = (payload: object, FunctionError?: string) => ({
    send: async () => ({ Payload: Buffer.from(JSON.stringify(payload)), FunctionError }),
  });
  const request = { purpose: 'plan' as const, run: aRun };

  test('its refusals keep their names', async () => {
    const refusing = answering(
      { errorType: 'NotApprovedError', errorMessage: 'Nobody was asked.' },
      'Unhandled',
    );
    const asked = makeIssueCredentials(refusing as never, 'broker')(request);
    await expect(asked).rejects.toThrow(NotApprovedError);
    await expect(asked).rejects.toThrow('Nobody was asked.');
  });

  test('an answer that is none is not used', async () => {
    await expect(makeIssueCredentials(answering({}) as never, 'broker')(request)).rejects.toThrow();
    await expect(makeIssueCredentials(answering({}) as never, undefined)(request)).rejects.toThrow(
      'no credential broker',
    );
  });
});
