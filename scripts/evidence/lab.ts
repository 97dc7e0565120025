import { setTimeout as sleep } from 'node:timers/promises';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { RunReport } from '../../cli/run-report';
import { type StartedRun, startRun } from '../../cli/start-run';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { decideOverHttp } from '../../local/approve-client';
import { readRunRecord } from '../../local/platform-clients';
import { runWorkflow } from '../../local/run-workflow';
import type { EvidenceTarget } from './target';
import type { Json } from './workflow-evidence';

/** What was expected did not happen: the attempt failed, and this says how. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
}

export interface LabRun {
  readonly report: RunReport;
  readonly runId: string;
  /** From the start to the recorded end, in seconds. */
  readonly seconds: number;
}

/** How attempts start, decide and follow runs. */
export interface Lab {
  readonly target: EvidenceTarget;
  start(workflow: string, input: Json, key?: string): Promise<StartedRun>;
  /** Follows a run to its end; whoever is asked answers so, or nobody does. */
  follow(workflow: string, run: StartedRun, decision: 'approve' | 'reject' | null): Promise<LabRun>;
  run(workflow: string, input: Json, decision?: 'approve' | 'reject' | null): Promise<LabRun>;
  record(runId: string): Promise<RunRecord | undefined>;
  /** Asks until there is an answer. */
  eventually<T>(what: string, ask: () => Promise<T | undefined>, seconds?: number): Promise<T>;
  stop(run: StartedRun): Promise<void>;
  /** A run that makes what another needs; anything but its success ends the attempt. */
  provide(workflow: string, input: Json): Promise<void>;
}

const lookEveryMs = 250;

/** @param followEveryMs how often a run is looked at: seldom where many are followed at once, as looking is work too */
export const makeLab = (target: EvidenceTarget, followEveryMs?: number): Lab => {
  const { stepFunctions, dynamoDb, outputs, signal } = target;
  const record = (runId: string) => readRunRecord(dynamoDb, outputs.runsTable, runId);
  const lab: Lab = {
    target,
    record,
    start: (workflow, input, key) => {
      const stateMachineArn = outputs.stateMachines[workflow];
      if (!stateMachineArn) throw new EvidenceError(`The workflow ${workflow} is not deployed.`);
      return startRun(stepFunctions, { workflow, stateMachineArn, input, ...(key !== undefined && { key }) });
    },
    follow: async (workflow, run, decision) => {
      const began = performance.now();
      const report = await runWorkflow(
        {
          client: stepFunctions,
          approvalLinks: (runId) => target.approvalLinks(runId),
          decide: (link, answer) => decideOverHttp(link, { decision: answer }),
          recordedEnd: async () => (await record(run.runId))?.result,
          onStages: () => undefined,
          onLink: () => undefined,
        },
        run,
        { workflow, decision, signal, intervalMs: followEveryMs },
      );
      return { report, runId: run.runId, seconds: (performance.now() - began) / 1000 };
    },
    run: async (workflow, input, decision = 'approve') =>
      lab.follow(workflow, await lab.start(workflow, input), decision),
    eventually: async (what, ask, seconds = 90) => {
      const deadline = Date.now() + seconds * 1000;
      for (;;) {
        signal.throwIfAborted();
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (Date.now() > deadline) throw new EvidenceError(`Waited ${seconds} seconds in vain for ${what}.`);
        await sleep(lookEveryMs);
      }
    },
    stop: async ({ executionArn }) => {
      await stepFunctions.send(
        new StopExecutionCommand({ executionArn, cause: 'The evidence has what it needs.' }),
      );
    },
    provide: async (workflow, input) => {
      const { report } = await lab.run(workflow, input);
      if (report.outcome === 'failed')
        throw new EvidenceError(
          `${workflow}, which was to prepare ${String(input.workspace)}, failed: ${report.error?.code}: ${report.error?.message}`,
        );
    },
  };
  return lab;
};
