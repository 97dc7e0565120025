import type { Pin } from '../shared/contract';
import type { GitSource } from '../shared/git-source';
import type { WorkspaceRecord } from '../shared/workspace-record';
import type { BeginRunOutput } from './contract';

export type Pins = BeginRunOutput['pins'];

interface Wanted {
  readonly module: string | null;
  readonly role: string | null;
  readonly upgrade: boolean;
  /** Its commit says itself which content is wanted. */
  readonly source?: GitSource | null | undefined;
}

/** What a workspace is pinned to. Another module, or another role, than the last one is a new beginning. */
export const pinsOf = (
  applied: WorkspaceRecord['applied'],
  { module, role, upgrade, source }: Wanted,
): Pins => ({
  module:
    applied !== undefined && applied.module === module
      ? { digest: applied.moduleDigest, upgrade: upgrade || !!source }
      : null,
  role:
    applied !== undefined && applied.role === role && applied.roleDigest !== null
      ? { digest: applied.roleDigest, upgrade }
      : null,
});

/**
 * Whether the content that will be used is another than the catalogue's. What its variables are, the content itself
 * knows then; the worker asks it.
 */
export const isOutdated = (pin: Pin | null, catalogueDigest: string | undefined): boolean =>
  pin !== null && !pin.upgrade && pin.digest !== catalogueDigest;
