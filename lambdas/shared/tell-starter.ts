import { refuseToAsk } from '../approval-rules/permission';
import type { ApprovalView } from './approval-reader';
import type { ApprovalStore } from './approval-store';
import type { RunRecord } from './run-record';
import { firstStarter, starterOf } from './starter-of';

/**
 * Puts who started a run on its approval, and makes that void when they may not ask for it. Called by both that may
 * come second: whoever learns of the starter, and whoever asks for the approval.
 *
 * @returns `none` while nobody knows who started the run
 */
export const tellStarter = async (
  { approvals, now }: { readonly approvals: Pick<ApprovalStore, 'setStarter'>; readonly now: () => Date },
  run: RunRecord,
  approval: Pick<ApprovalView, 'approvalId' | 'createdAt' | 'runId' | 'demands'>,
): Promise<'none' | 'told' | 'refused'> => {
  const first = firstStarter(run);
  // A run that was resumed may carry on a change that was approved for the run before.
  if (!first || approval.runId !== run.runId) return 'none';
  const refusal = refuseToAsk(approval.demands, first);
  const starter = starterOf(run, run.content?.requestedBy ?? null);
  await approvals.setStarter(
    approval,
    { starter, ...(refusal && { askRefusal: `${first.id} started this run. ${refusal.sentence}` }) },
    now().toISOString(),
  );
  return refusal ? 'refused' : 'told';
};
