import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedHost } from '../../lambdas/shared/contract';
import { makeHostController } from '../../local/hosts/host-controller';
import { makeHostStore } from '../../local/hosts/host-store';
import { FakeHostDriver } from './fake-host-driver';

const folders: string[] = [];
/** To be called when the tests of a file have ended. */
export const removeFolders = (): void => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
};

export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
  folders.push(folder);
  return folder;
};

export const now = new Date('2026-01-02T03:04:05Z');

/** A controller over a folder; a second one over the same folder is the next start after a crash. */
export const setUp = (folder = newFolder(), taken = new Set<string>()) => {
  const driver = new FakeHostDriver();
  const store = makeHostStore(folder);
  const controller = makeHostController({
    driver,
    store,
    instance: { id: 'abc123', network: [70, 8] },
    probe: async (address, port) => !taken.has(`${address}:${port}`) && !taken.has(`*:${port}`),
    now: () => now,
    log: () => undefined,
  });
  return { folder, driver, store, controller, taken };
};

export const host = (name: string, more: Partial<PlannedHost> = {}): PlannedHost => ({
  name,
  address: null,
  size: 'small',
  tags: {},
  owner: 'ops@example.org',
  expiresAt: null,
  ...more,
});
