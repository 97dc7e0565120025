import { NothingAppliedError } from '../../shared/errors';
import type { AppliedContent } from '../../shared/workspace-record';

/**
 * What a workspace was last brought to, as the content of a run.
 *
 * @throws NothingAppliedError
 */
export const asApplied = (workspace: string, applied: AppliedContent | undefined) => {
  if (!applied)
    throw new NothingAppliedError(
      `Nothing is known to be applied in ${workspace}: no run brought it to its end here, or it was destroyed since. Check the name; where a first run failed halfway, resume that run or decommission the workspace with its module and variables.`,
    );
  const { module, variables, role, roleVariables } = applied;
  return { module, variables, role, roleVariables, upgrade: false };
};
