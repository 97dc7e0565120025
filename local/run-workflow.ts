import type { SFNClient } from '@aws-sdk/client-sfn';
import { type RunReport, reportOf } from '../cli/run-report';
import type { Stage } from '../cli/run-stages';
import type { StartedRun } from '../cli/start-run';
import { watchRun } from '../cli/watch-run';

/** How often the platform on this machine is asked; a person sees no delay, the machine no load. */
const intervalMs = 150;

export interface RunWorkflowDeps {
  readonly client: SFNClient;
  /** Links to this run's approval, as the approvers got them. */
  readonly approvalLinks: (runId: string) => Promise<readonly string[]>;
  /** Decides through the same pages as a browser. */
  readonly decide: (link: string, decision: 'approve' | 'reject') => Promise<unknown>;
  /** What was recorded about the run's end, if anything. */
  readonly recordedEnd: () => Promise<unknown>;
  readonly onStages: (stages: readonly Stage[]) => void;
  /** Called once, when a person can decide. */
  readonly onLink: (link: string) => void;
}

/**
 * Follows a run to its end and tells it. When the run asks for a decision, its link is handed on, and decided
 * if the caller has decided already.
 *
 * @throws the signal's reason when it is aborted; the run goes on.
 */
export const runWorkflow = async (
  deps: RunWorkflowDeps,
  { runId, executionArn }: StartedRun,
  request: { workflow: string; decision: 'approve' | 'reject' | null; signal: AbortSignal },
): Promise<RunReport> => {
  let link: string | undefined;
  const ended = await watchRun(deps.client, executionArn, {
    intervalMs,
    signal: request.signal,
    onStages: async (stages) => {
      deps.onStages(stages);
      if (link) return;
      [link] = await deps.approvalLinks(runId);
      if (!link) return;
      deps.onLink(link);
      if (request.decision) await deps.decide(link, request.decision);
    },
  });
  const recorded = ended.status === 'SUCCEEDED' ? undefined : await deps.recordedEnd();
  const links = link ? { approval: link } : {};
  return reportOf({ runId, workflow: request.workflow, ended, recorded, links });
};
