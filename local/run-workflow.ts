import type { SFNClient } from '@aws-sdk/client-sfn';
import { type RunReport, reportOf } from '../cli/run-report';
import type { Stage } from '../cli/run-stages';
import type { StartedRun } from '../cli/start-run';
import { watchRun } from '../cli/watch-run';
import { approvalIdOf } from './approval-links';
import type { RecordedAnswer } from './approve-client';

/** How often the platform on this machine is asked; a person sees no delay, the machine no load. */
export const intervalMs = 150;

export interface RunWorkflowDeps {
  readonly client: SFNClient;
  /** Links to this run's approval, as the approvers got them. */
  readonly approvalLinks: (runId: string) => Promise<readonly string[]>;
  /** Answers through the same pages as a browser. */
  readonly decide: (link: string, decision: 'approve' | 'reject') => Promise<RecordedAnswer>;
  /** What was recorded about the run's end, if anything. */
  readonly recordedEnd: () => Promise<unknown>;
  readonly onStages: (stages: readonly Stage[]) => void;
  /** Called for each person who can decide. */
  readonly onLink: (link: string) => void;
}

/**
 * Follows a run to its end and tells it. When the run asks people for a decision, their links are handed on. If the
 * caller has decided already, each of them answers so, until nobody else has to.
 *
 * @throws the signal's reason when it is aborted; the run goes on.
 */
export const runWorkflow = async (
  deps: RunWorkflowDeps,
  { runId, executionArn }: StartedRun,
  request: {
    workflow: string;
    decision: 'approve' | 'reject' | null;
    signal: AbortSignal;
    /** @default 150 */
    intervalMs?: number | undefined;
  },
): Promise<RunReport> => {
  const seen = new Set<string>();
  const settled = new Set<string>();
  const ended = await watchRun(deps.client, executionArn, {
    intervalMs: request.intervalMs ?? intervalMs,
    signal: request.signal,
    onStages: async (stages) => {
      deps.onStages(stages);
      for (const link of await deps.approvalLinks(runId)) {
        if (seen.has(link)) continue;
        seen.add(link);
        deps.onLink(link);
        if (!request.decision || settled.has(approvalIdOf(link))) continue;
        const { status } = await deps.decide(link, request.decision);
        if (status !== 'pending') settled.add(approvalIdOf(link));
      }
    },
  });
  const recorded = ended.status === 'SUCCEEDED' ? undefined : await deps.recordedEnd();
  const [first] = seen;
  const links = first ? { approval: first } : {};
  return reportOf({ runId, workflow: request.workflow, ended, recorded, links });
};
