import fc from 'fast-check';
import { makeMask, masked, soundsSecret } from '../../../lambdas/runners/masking';
import { makeTaskLog } from '../../../lambdas/runners/task-log';

test('no given secret is left, in whatever form a tool prints it', () => {
  fc.assert(
    fc.property(
      fc
        .string({ minLength: 8, maxLength: 60 })
        .filter((secret) => secret.trim().length >= 8 && !masked.includes(secret.trim())),
      fc.string(),
      (secret, around) => {
        const text = `${around}${secret}${around} ${JSON.stringify(secret)} ${Buffer.from(secret).toString('base64')}`;
        expect(makeMask([secret])(text)).not.toContain(secret);
      },
    ),
  );
});

test.each([
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----', 'abc'],
  ['a key that was cut off', 'x -----BEGIN PRIVATE KEY-----\nabc', 'abc'],
  ['an access key id', 'id AKIAABCDEFGHIJKLMNOP', 'AKIAABCDEFGHIJKLMNOP'],
  ['a password in an assignment', 'password = "hunter2hunter2"', 'hunter2'],
  ['a password in JSON', '{"db_password":"hunter2hunter2"}', 'hunter2'],
  ['credentials in a URL', 'https://jo:hunter2@example.org/', 'hunter2'],
  ['a password hash', '$6$salt$abcdefghijklmnopqrstuvwxyz0123456789', 'abcdefghijkl'],
])('masks %s that nobody declared', (_what, text, secret) => {
  expect(makeMask([])(text)).not.toContain(secret);
});

test('stays fast on hostile output', () => {
  const started = Date.now();
  makeMask(['secret-value'])(`${'-----BEGIN PRIVATE KEY-----'.repeat(20_000)}${'password='.repeat(20_000)}`);
  expect(Date.now() - started).toBeLessThan(2000);
});

test('knows names that mean a secret', () => {
  for (const name of [
    'db_password',
    'api_key',
    'token',
    'client_secret',
    'dbPassword',
    'apiToken',
    'SECRETS',
    'db_pwd',
  ])
    expect([name, soundsSecret(name)]).toEqual([name, true]);
  expect(['name', 'passenger', 'tokens_per_minute_name'].some((name) => soundsSecret(name))).toBe(false);
});

test('a log hides a secret that was learnt after it had been written', () => {
  const log = makeTaskLog();
  log.write('the value is zebra-zebra\n');
  log.hide(['zebra-zebra']);
  expect(log.text()).toBe(`the value is ${masked}\n`);
});

test('a log that is too long says so', () => {
  const log = makeTaskLog();
  for (let i = 0; i < 10; i++) log.write('x'.repeat(1024 * 1024));
  expect(log.text()).toMatch(/left out: it is longer than 8 MiB/);
});
