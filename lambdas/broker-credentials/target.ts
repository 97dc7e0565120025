import { TargetMissingError } from '../shared/errors';
import { tenantOf } from '../shared/names';
import type { LendingTarget } from './env';

/**
 * Behind which role the infrastructure of a workspace stands; `null`: in our own account. The workspace's own entry
 * goes before that of its tenant, and no entry of another tenant is looked at.
 *
 * @throws TargetMissingError when there are accounts of tenants, and none is this workspace's
 */
export const targetOf = (targets: readonly LendingTarget[], workspace: string): LendingTarget['role'] => {
  if (targets.length === 0) return null;
  const find = (wanted: string) => targets.find(({ workspaces }) => workspaces === wanted);
  const found = find(workspace) ?? find(`${tenantOf(workspace)}/*`);
  if (found) return found.role;
  throw new TargetMissingError(
    `No account is set up for ${workspace} or for its tenant, so nothing can be planned or changed for it. Add it to the targets of this environment.`,
  );
};
