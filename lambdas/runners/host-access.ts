import type { Host, PlannedHost } from '../shared/contract';

/** How hosts come to answer, and how the runner reaches them. */
export interface HostAccess {
  /**
   * Makes the workspace's hosts what the applied state says, and waits until all answer. Idempotent.
   *
   * @throws HostError
   */
  ensureHosts(workspace: string, hosts: readonly PlannedHost[], signal: AbortSignal): Promise<Host[]>;
  listHosts(workspace: string): Promise<Host[]>;
  /** Lets a public key in for new connections during the next 60 seconds. */
  allowKey(workspace: string, host: Host, publicKey: string): Promise<void>;
}
