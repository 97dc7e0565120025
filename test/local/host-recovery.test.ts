import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedHost } from '../../lambdas/shared/contract';
import type { DriverStep } from '../support/fake-host-driver';
import { host, removeFolders, setUp } from '../support/host-controller-fixture';

afterAll(removeFolders);

describe('after a crash', () => {
  const crashAt = async (step: DriverStep, wanted: PlannedHost[], before: PlannedHost[]) => {
    const first = setUp();
    await first.controller.ensureHosts('acme', 'web', before);
    first.driver.hangAt = step;
    void first.controller.ensureHosts('acme', 'web', wanted);
    while (!first.driver.calls.some((call) => call.startsWith(`${step} `)))
      await new Promise((resolve) => setTimeout(resolve, 2));
    const second = setUp(first.folder);
    await second.controller.start();
    return second;
  };

  test.each(['create', 'boot'] as const)('at %s, the host that never was ready is removed', async (step) => {
    const { controller, driver, folder } = await crashAt(step, [host('a')], []);
    expect(driver.calls).toEqual(['destroy a']);
    expect(existsSync(join(folder, 'acme', 'web', 'a'))).toBe(false);
    expect(await controller.ensureHosts('acme', 'web', [host('a')])).toHaveLength(1);
  });

  test('at destroy, the destruction is completed', async () => {
    const { controller, driver } = await crashAt('destroy', [], [host('a')]);
    expect(driver.calls).toEqual(['destroy a']);
    expect(await controller.listHosts('acme', 'web')).toEqual([]);
  });

  test('at a change, the host is booted as it was to be', async () => {
    const { controller, driver } = await crashAt('change', [host('a', { size: 'large' })], [host('a')]);
    expect(driver.calls).toEqual(['boot a']);
    driver.calls.length = 0;
    await controller.ensureHosts('acme', 'web', [host('a', { size: 'large' })]);
    expect(driver.calls).toEqual([]);
  });

  test('at a move, the host is booted at its new address', async () => {
    const { controller } = await crashAt('powerOff', [host('a', { address: '127.9.9.9' })], [host('a')]);
    expect(await controller.listHosts('acme', 'web')).toMatchObject([{ address: '127.9.9.9' }]);
  });

  test('a folder without a record is removed', async () => {
    const { controller, folder } = setUp();
    mkdirSync(join(folder, 'acme', 'web', 'ghost', 'upper'), { recursive: true });
    await controller.start();
    expect(existsSync(join(folder, 'acme', 'web', 'ghost'))).toBe(false);
  });

  test('a host whose assigned place was taken meanwhile boots elsewhere', async () => {
    const first = setUp();
    await first.controller.ensureHosts('acme', 'web', [host('a')]);
    const second = setUp(first.folder, new Set(['127.70.8.1:22', '127.70.8.1:80']));
    await second.controller.start();
    expect(await second.controller.listHosts('acme', 'web')).toMatchObject([{ address: '127.70.8.2' }]);
  });

  test('every host is booted by the next start, and one that fails keeps no other from it', async () => {
    const first = setUp();
    await first.controller.ensureHosts('acme', 'web', [host('a'), host('b')]);
    await first.controller.stop();
    expect(first.driver.running.size).toBe(0);
    const second = setUp(first.folder);
    await second.controller.start();
    expect(second.driver.running.size).toBe(2);
    const third = setUp(first.folder);
    third.driver.failAt = 'boot';
    await third.controller.start();
    expect(await third.controller.listHosts('acme', 'web')).toHaveLength(2);
  });
});
