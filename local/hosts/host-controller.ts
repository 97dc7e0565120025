import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Host, PlannedHost } from '../../lambdas/shared/contract';
import { HostError, InvalidInputError } from '../../lambdas/shared/errors';
import type { HostDriver, Machine } from './host-driver';
import { type HostRecord, hostOf, hostSizes, hostUser, isHostSize } from './host-record';
import type { HostStore } from './host-store';
import {
  assertLoopbackAddress,
  type Endpoint,
  findEndpoint,
  type HostInstance,
  type PortProbe,
} from './loopback-addresses';
import { SerialQueues } from './serial-queues';

/** The workspace has no host of that name, or the host has no such user. */
export class UnknownHostError extends Error {
  override readonly name = 'UnknownHostError';
}

export interface HostControllerDeps {
  readonly driver: HostDriver;
  readonly store: HostStore;
  readonly instance: HostInstance;
  readonly probe: PortProbe;
  readonly now: () => Date;
  /** Told what happens to which host, in one line. */
  readonly log: (line: string) => void;
}

export interface HostController {
  /** Removes what a crash left half-made and boots every other host. Resolves when all have answered or failed. */
  start(): Promise<void>;
  /** Creates, changes and destroys hosts until the workspace has exactly these, all answering on SSH. */
  ensureHosts(tenant: string, workspace: string, planned: readonly PlannedHost[]): Promise<Host[]>;
  listHosts(tenant: string, workspace: string): Promise<Host[]>;
  /** Lets a key open new connections for {@link KEY_SECONDS} seconds. */
  allowKey(tenant: string, workspace: string, name: string, user: string, publicKey: string): Promise<void>;
  /** Powers every host off. They are booted again by the next start. */
  stop(): Promise<void>;
}

/** As long as a key that EC2 Instance Connect pushes. */
export const KEY_SECONDS = 60;

/** The state machine of hosts, over a driver that makes them real. */
export const makeHostController = (deps: HostControllerDeps): HostController => {
  const { driver, store, instance, log } = deps;
  const workspaces = new SerialQueues();
  const placing = new SerialQueues();
  let stopping = false;

  const machineOf = (record: HostRecord): Machine => ({
    record,
    directory: store.directoryOf(record.tenant, record.workspace, record.planned.name),
  });

  /** Finds a place and records it before anybody else may look for one. */
  const place = (
    wanted: string | null,
    self: string | null,
    record: (endpoint: Endpoint) => HostRecord,
  ): Promise<HostRecord> =>
    placing.run('', async () => {
      const others = (await store.listAll()).filter((other) => other.machine !== self);
      const taken = new Set(others.map((other) => other.address));
      const placed = record(await findEndpoint(instance, wanted, taken, deps.probe));
      await store.save(placed);
      return placed;
    });

  const destroy = async (record: HostRecord): Promise<void> => {
    const machine = machineOf(record);
    await store.save({ ...record, phase: 'destroying' });
    await driver.destroy(machine);
    await store.remove(machine.directory);
    log(`${record.machine} (${record.planned.name}) is destroyed`);
  };

  const create = async (tenant: string, workspace: string, planned: PlannedHost): Promise<HostRecord> => {
    const machine = `po-${instance.id}-${randomBytes(4).toString('hex')}`;
    const creating = await place(planned.address, null, (endpoint) => ({
      phase: 'creating',
      tenant,
      workspace,
      planned,
      ...endpoint,
      machine,
      hostKeys: [],
    }));
    try {
      const { hostKeys } = await driver.create(machineOf(creating));
      const ready: HostRecord = { ...creating, phase: 'ready', hostKeys };
      await driver.boot(machineOf(ready));
      await store.save(ready);
      log(`${machine} (${planned.name}) is up at ${ready.address}:${ready.port}`);
      return ready;
    } catch (error) {
      await destroy(creating);
      throw error;
    }
  };

  /** Boots a host that is down; when its place was taken meanwhile and it had no say in it, elsewhere. */
  const boot = async (record: HostRecord): Promise<HostRecord> => {
    let placed = record;
    if (!(await deps.probe(record.address, record.port)))
      placed = await place(record.planned.address, record.machine, (found) => ({ ...record, ...found }));
    await driver.boot(machineOf(placed));
    log(`${record.machine} (${record.planned.name}) is up at ${placed.address}:${placed.port}`);
    return placed;
  };

  const change = async (record: HostRecord, planned: PlannedHost): Promise<HostRecord> => {
    const moves = planned.address !== null && planned.address !== record.address;
    const differs = !isDeepStrictEqual(planned, record.planned);
    let next: HostRecord = { ...record, planned };
    if (moves) {
      next = await place(planned.address, record.machine, (endpoint) => ({ ...next, ...endpoint }));
      await driver.powerOff(machineOf(record));
    } else if (differs) {
      await store.save(next);
    }
    if (!driver.isRunning(machineOf(next))) return boot(next);
    if (differs) await driver.change(machineOf(next));
    return next;
  };

  const check = (planned: readonly PlannedHost[]): void => {
    const seen = new Set<string>();
    for (const { name, size, address } of planned) {
      for (const key of [name, ...(address === null ? [] : [address])]) {
        if (seen.has(key)) throw new InvalidInputError(`Two hosts have the same name or address, "${key}".`);
        seen.add(key);
      }
      if (!isHostSize(size))
        throw new InvalidInputError(
          `The host ${name} has the size "${size}". Use one of ${Object.keys(hostSizes).join(', ')}.`,
        );
      if (address !== null) assertLoopbackAddress(address);
    }
  };

  const refuseWhenStopping = (): void => {
    if (stopping) throw new HostError('The local platform is shutting down.');
  };

  return {
    start: async () => {
      for (const orphan of await store.listOrphans()) await store.remove(orphan);
      const settle = async (record: HostRecord): Promise<void> => {
        if (record.phase !== 'ready') return destroy(record);
        // The host stays as it is; whoever asks for it next tries again and is told why it fails.
        await boot(record).catch((error: Error) => log(`${record.machine}: ${error.message}`));
      };
      const all = await store.listAll();
      const keys = new Set(all.map(({ tenant, workspace }) => `${tenant}/${workspace}`));
      await Promise.all(
        [...keys].map((key) =>
          workspaces.run(key, async () => {
            await Promise.all(
              all.filter(({ tenant, workspace }) => key === `${tenant}/${workspace}`).map(settle),
            );
          }),
        ),
      );
    },
    ensureHosts: async (tenant, workspace, planned) => {
      check(planned);
      return workspaces.run(`${tenant}/${workspace}`, async () => {
        refuseWhenStopping();
        if (planned.length > 0) await driver.assertAvailable();
        const known = new Map((await store.list(tenant, workspace)).map((it) => [it.planned.name, it]));
        const wanted = new Set(planned.map(({ name }) => name));
        const unfinished = [...known.values()].filter(
          (it) => it.phase !== 'ready' || !wanted.has(it.planned.name),
        );
        for (const failure of await Promise.allSettled(unfinished.map(destroy)))
          if (failure.status === 'rejected') throw failure.reason;
        for (const { planned: gone } of unfinished) known.delete(gone.name);
        const results = await Promise.allSettled(
          planned.map((host) => {
            const record = known.get(host.name);
            return record ? change(record, host) : create(tenant, workspace, host);
          }),
        );
        return results.map((result) => {
          if (result.status === 'rejected') throw result.reason;
          return hostOf(result.value);
        });
      });
    },
    listHosts: async (tenant, workspace) =>
      (await store.list(tenant, workspace)).filter(({ phase }) => phase === 'ready').map(hostOf),
    allowKey: async (tenant, workspace, name, user, publicKey) => {
      const record = (await store.list(tenant, workspace)).find((it) => it.planned.name === name);
      if (record?.phase !== 'ready')
        throw new UnknownHostError(`The workspace ${tenant}/${workspace} has no host "${name}".`);
      if (user !== hostUser)
        throw new UnknownHostError(`The host "${name}" opens to the user "${hostUser}", not to "${user}".`);
      const until = new Date(deps.now().getTime() + KEY_SECONDS * 1000);
      await driver.allowKey(machineOf(record), publicKey, until);
    },
    stop: async () => {
      stopping = true;
      const records = await store.listAll();
      await Promise.all(records.map((record) => driver.powerOff(machineOf(record))));
      // What was being created has lost its machine by now and cleans up behind itself.
      await workspaces.idle();
      await Promise.all((await store.listAll()).map((record) => driver.powerOff(machineOf(record))));
    },
  };
};
