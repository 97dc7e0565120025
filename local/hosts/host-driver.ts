import type { HostRecord } from './host-record';

/** This machine cannot run hosts. The message says what is missing and what to do. */
export class HostsUnavailableError extends Error {
  override readonly name = 'HostsUnavailableError';
}

/** One machine: what it is to be, and the folder that holds everything it consists of. */
export interface Machine {
  readonly record: HostRecord;
  readonly directory: string;
}

/** What makes hosts real. The controller decides; a driver only does. */
export interface HostDriver {
  /** @throws HostsUnavailableError when this machine cannot run hosts */
  assertAvailable(): Promise<void>;

  /** Lays the machine's files down. It is not running afterwards. Returns its public host keys. */
  create(machine: Machine): Promise<{ hostKeys: string[] }>;

  /** Boots the machine as its record says, and resolves when it answers on SSH and has finished booting.
   * @throws HostError with the end of its console */
  boot(machine: Machine): Promise<void>;

  /** Makes size, tags, owner and expiry of a running machine those of its record, without a reboot. */
  change(machine: Machine): Promise<void>;

  /** Opens the account to one more key, for new connections only, until the given moment. */
  allowKey(machine: Machine, publicKey: string, until: Date): Promise<void>;

  /** Ends the machine cleanly, or by force when it takes too long. Nothing happens when it does not run. */
  powerOff(machine: Machine): Promise<void>;

  /** Powers the machine off and gives back everything it held outside of its folder. */
  destroy(machine: Machine): Promise<void>;

  isRunning(machine: Machine): boolean;
}
