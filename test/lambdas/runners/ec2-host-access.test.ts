import { hostKeysIn, makeEc2HostAccess } from '../../../lambdas/runners/host-access/ec2';

const key = `ssh-ed25519 ${'A'.repeat(68)}`;
const console_ = (keys: string): string =>
  `boot\n-----BEGIN SSH HOST KEY KEYS-----\n${keys} root@ip\n-----END SSH HOST KEY KEYS-----\nlogin:`;
const planned = { name: 'web-01', address: null, size: 't3.small', tags: {}, owner: 'jo', expiresAt: null };

test('reads host keys from the console, and none where there are none', () => {
  expect(hostKeysIn(console_(key))).toEqual([key]);
  expect(hostKeysIn(`forged ${key}`)).toEqual([]);
});

test('waits until every host shows its keys, and says which did not come up', async () => {
  let asked = 0;
  const api = {
    runningInstances: async () => [{ id: 'i-1', name: 'web-01', privateAddress: '10.0.0.5' }],
    consoleOutput: async () => (++asked < 3 ? '' : console_(key)),
    sendKey: async () => undefined,
  };
  const { signal } = new AbortController();
  const access = makeEc2HostAccess({ api, user: 'ops', pollEveryMs: 1 });
  expect(await access.ensureHosts('demo/x', [planned], signal)).toEqual([
    { name: 'web-01', address: '10.0.0.5', port: 22, user: 'ops', hostKeys: [key], id: 'i-1' },
  ]);
  const late = makeEc2HostAccess({ api, user: 'ops', pollEveryMs: 1, timeoutMs: 5 });
  await expect(late.ensureHosts('demo/x', [{ ...planned, name: 'web-02' }], signal)).rejects.toMatchObject({
    name: 'HostError',
    message: expect.stringContaining('web-02'),
  });
});
