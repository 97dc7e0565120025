import { userInfo } from 'node:os';
import { type OrchestratorDeps, startInput } from './orchestrator-commands';
import type { StartedRun } from './start-run';

const workflow = 'vm-provisioning';

/**
 * Asks to keep a workspace longer: starts the run that brings it to what it was last brought to, with a longer time to
 * live. That is a change which is approved as any other.
 *
 * @throws InvalidInputError when it does not fit; nothing was started.
 */
export const extend = async (
  deps: OrchestratorDeps,
  call: {
    readonly workspace: string;
    readonly hours: number;
    readonly reason: string;
    readonly key: string | null;
  },
): Promise<StartedRun & { readonly workflow: string }> => {
  const { workspace, hours, reason, key } = call;
  const input = {
    workspace,
    asApplied: true,
    extendByHours: hours,
    reason,
    requestedBy: userInfo().username,
  };
  return { ...(await startInput(deps, { workflow, input, key })), workflow };
};
