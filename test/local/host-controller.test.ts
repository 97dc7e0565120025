import { existsSync } from 'node:fs';
import * as fc from 'fast-check';
import type { PlannedHost } from '../../lambdas/shared/contract';
import { HostError, InvalidInputError } from '../../lambdas/shared/errors';
import { UnknownHostError } from '../../local/hosts/host-controller';
import { AddressInUseError } from '../../local/hosts/loopback-addresses';
import { host, newFolder, removeFolders, setUp } from '../support/host-controller-fixture';

afterAll(removeFolders);

describe('hosts of a workspace', () => {
  test('are created with an address each, and answer with what Ansible needs', async () => {
    const { controller, driver } = setUp();
    const hosts = await controller.ensureHosts('acme', 'web', [host('a'), host('b')]);
    expect(hosts.map(({ address }) => address).sort()).toEqual(['127.70.8.1', '127.70.8.2']);
    expect(hosts[0]).toMatchObject({ name: 'a', port: 22, user: 'ops', hostKeys: ['ssh-ed25519 AAAA'] });
    expect(hosts[0]?.id).toMatch(/^po-abc123-[0-9a-f]{8}$/);
    expect(driver.running.size).toBe(2);
    expect(await controller.listHosts('acme', 'web')).toEqual(hosts);
  });

  test('are left alone when they match', async () => {
    const { controller, driver } = setUp();
    const first = await controller.ensureHosts('acme', 'web', [host('a')]);
    driver.calls.length = 0;
    expect(await controller.ensureHosts('acme', 'web', [host('a')])).toEqual(first);
    expect(driver.calls).toEqual([]);
  });

  test('change size, tags, owner and expiry without a reboot', async () => {
    const { controller, driver } = setUp();
    const before = await controller.ensureHosts('acme', 'web', [host('a')]);
    driver.calls.length = 0;
    const changed = host('a', {
      size: 'large',
      tags: { tier: 'web' },
      owner: 'you',
      expiresAt: '2027-01-01',
    });
    expect(await controller.ensureHosts('acme', 'web', [changed])).toEqual(before);
    expect(driver.calls).toEqual(['change a']);
  });

  test('reboot at another address', async () => {
    const { controller, driver } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a')]);
    driver.calls.length = 0;
    const [moved] = await controller.ensureHosts('acme', 'web', [host('a', { address: '127.9.9.9' })]);
    expect(moved?.address).toBe('127.9.9.9');
    expect(driver.calls).toEqual(['powerOff a', 'boot a']);
  });

  test('keep their address when it is no longer asked for', async () => {
    const { controller } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a', { address: '127.9.9.9' })]);
    const [kept] = await controller.ensureHosts('acme', 'web', [host('a')]);
    expect(kept?.address).toBe('127.9.9.9');
  });

  test('are destroyed, with their files, when they are no longer wanted', async () => {
    const { controller, driver, store } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a'), host('b')]);
    expect(await controller.ensureHosts('acme', 'web', [host('b')])).toHaveLength(1);
    expect(driver.running.size).toBe(1);
    expect(existsSync(store.directoryOf('acme', 'web', 'a'))).toBe(false);
    await controller.ensureHosts('acme', 'web', []);
    expect(driver.running.size).toBe(0);
  });

  test('are booted again when one was switched off from inside', async () => {
    const { controller, driver } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a')]);
    driver.running.clear();
    driver.calls.length = 0;
    await controller.ensureHosts('acme', 'web', [host('a')]);
    expect(driver.calls).toEqual(['boot a']);
  });

  test('that do not come up leave nothing, and the others stay', async () => {
    const { controller, driver, store } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a')]);
    driver.failAt = 'boot';
    await expect(controller.ensureHosts('acme', 'web', [host('a'), host('b')])).rejects.toThrow(
      new HostError('The host b failed at boot.'),
    );
    expect((await store.list('acme', 'web')).map(({ planned }) => planned.name)).toEqual(['a']);
    expect(existsSync(store.directoryOf('acme', 'web', 'b'))).toBe(false);
  });

  test('of one workspace wait for each other; those of two do not', async () => {
    const { controller, driver } = setUp();
    await Promise.all([
      controller.ensureHosts('acme', 'web', [host('a')]),
      controller.ensureHosts('acme', 'web', [host('a', { size: 'large' })]),
      controller.ensureHosts('acme', 'web', []),
    ]);
    expect(driver.calls).toEqual(['create a', 'boot a', 'change a', 'destroy a']);
    expect(driver.mostAtOnce).toBe(1);
    driver.hangAt = 'boot';
    void controller.ensureHosts('acme', 'one', [host('slow')]);
    while (!driver.calls.includes('boot slow')) await new Promise((resolve) => setTimeout(resolve, 2));
    driver.hangAt = null;
    expect(await controller.ensureHosts('acme', 'two', [host('a')])).toHaveLength(1);
  });

  test('are refused with a sentence when they cannot be', async () => {
    const { controller, driver } = setUp();
    const refusal = (hosts: PlannedHost[]) => controller.ensureHosts('acme', 'web', hosts);
    await expect(refusal([host('a', { size: 'huge' })])).rejects.toThrow(
      new InvalidInputError('The host a has the size "huge". Use one of small, medium, large.'),
    );
    await expect(refusal([host('a', { size: 'toString' })])).rejects.toThrow(InvalidInputError);
    await expect(refusal([host('a'), host('a')])).rejects.toThrow(InvalidInputError);
    for (const address of [
      '10.0.0.1',
      '127.0.0.5',
      '127.1.2',
      '127.255.255.255',
      '127.1.2.300',
      '127.01.2.3',
    ])
      await expect(refusal([host('a', { address })])).rejects.toThrow(`cannot have the address "${address}"`);
    expect(driver.calls).toEqual([]);
  });
});

describe('addresses', () => {
  test('in use on this machine are passed over', async () => {
    const { controller } = setUp(newFolder(), new Set(['127.70.8.1:80']));
    const [found] = await controller.ensureHosts('acme', 'web', [host('a')]);
    expect(found?.address).toBe('127.70.8.2');
  });

  test('asked for but taken are refused', async () => {
    const { controller } = setUp(newFolder(), new Set(['127.9.9.9:80']));
    await expect(
      controller.ensureHosts('acme', 'web', [host('a', { address: '127.9.9.9' })]),
    ).rejects.toThrow(AddressInUseError);
    await controller.ensureHosts('acme', 'web', [host('a', { address: '127.9.9.8' })]);
    await expect(
      controller.ensureHosts('acme', 'other', [host('a', { address: '127.9.9.8' })]),
    ).rejects.toThrow('The address 127.9.9.8 belongs to another host. Choose another one, or none.');
  });

  test('keep another port for SSH where 22 is taken on all of them', async () => {
    const { controller } = setUp(newFolder(), new Set(['*:22']));
    const [found] = await controller.ensureHosts('acme', 'web', [host('a')]);
    expect(found).toMatchObject({ address: '127.70.8.1', port: 2222 });
  });

  test('are all refused with a sentence where port 80 is taken on all of them', async () => {
    const { controller } = setUp(newFolder(), new Set(['*:80']));
    await expect(controller.ensureHosts('acme', 'web', [host('a')])).rejects.toThrow(
      'a process on this machine listens on port 80 of all addresses',
    );
  });

  test('never collide, however many hosts are asked for at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        async (sizes) => {
          const { controller } = setUp();
          const all = await Promise.all(
            sizes.map((count, index) =>
              controller.ensureHosts(
                'acme',
                `w${index}`,
                Array.from({ length: count }, (_, number) => host(`h${number}`)),
              ),
            ),
          );
          const addresses = all.flat().map(({ address }) => address);
          expect(new Set(addresses).size).toBe(addresses.length);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('a pushed key', () => {
  test('is valid for a minute', async () => {
    const { controller, driver } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a')]);
    await controller.allowKey('acme', 'web', 'a', 'ops', 'ssh-ed25519 AAAA');
    expect(driver.keys).toEqual([
      { name: 'a', publicKey: 'ssh-ed25519 AAAA', until: new Date('2026-01-02T03:05:05Z') },
    ]);
  });

  test('opens no unknown host and no other account', async () => {
    const { controller } = setUp();
    await controller.ensureHosts('acme', 'web', [host('a')]);
    await expect(controller.allowKey('acme', 'web', 'b', 'ops', 'k')).rejects.toThrow(UnknownHostError);
    await expect(controller.allowKey('acme', 'other', 'a', 'ops', 'k')).rejects.toThrow(UnknownHostError);
    await expect(controller.allowKey('acme', 'web', 'a', 'root', 'k')).rejects.toThrow(
      new UnknownHostError('The host "a" opens to the user "ops", not to "root".'),
    );
  });
});

test('nothing is created once the platform shuts down', async () => {
  const { controller, driver } = setUp();
  await controller.stop();
  await expect(controller.ensureHosts('acme', 'web', [host('a')])).rejects.toThrow(HostError);
  expect(driver.calls).toEqual([]);
});
