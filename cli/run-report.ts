import { z } from 'zod';
import { endRunOutput } from '../lambdas/end-run/contract';
import { type ReportRotationOutput, reportRotationOutput } from '../lambdas/report-rotation/contract';
import { applyResult } from '../lambdas/runners/contract';
import {
  type CompensationResult,
  type ComplianceResult,
  type DriftResult,
  decision,
  type Outcome,
  playResult,
} from '../lambdas/shared/contract';
import { plainText } from '../lambdas/shared/plain-text';
import type { Stage } from './run-stages';
import type { EndedExecution } from './watch-run';

/** What a run did, in the form that `--json` prints. */
export interface RunReport {
  readonly runId: string | null;
  readonly workflow: string;
  readonly outcome: Outcome;
  readonly stages: readonly Stage[];
  readonly change: {
    readonly add: number;
    readonly change: number;
    readonly destroy: number;
    readonly digest: string;
    readonly playbookChanged: number;
  } | null;
  /** What a check found to differ. */
  readonly drift?: DriftResult;
  /** How the rules are kept. */
  readonly compliance?: ComplianceResult;
  /** How many credentials were rotated. */
  readonly rotation?: ReportRotationOutput;
  /** What became of what a failed run had applied. */
  readonly compensation?: CompensationResult;
  readonly links: Readonly<Record<string, string>>;
  readonly error: { readonly code: string; readonly message: string } | null;
}

interface RunFacts {
  readonly runId: string;
  readonly workflow: string;
  readonly ended: EndedExecution;
  /** What end-run recorded, where the caller could read it: a failed execution has no output. */
  readonly recorded?: unknown;
  readonly links?: Readonly<Record<string, string>>;
}

const runOutput = endRunOutput.extend({ rotation: reportRotationOutput.optional() });

/** Tells an ended run. */
export const reportOf = ({ runId, workflow, ended, recorded, links = {} }: RunFacts): RunReport => {
  const result = runOutput.safeParse(ended.output ?? recorded).data;
  const failed = ended.status !== 'SUCCEEDED';
  return {
    runId,
    workflow,
    outcome: failed ? 'failed' : (result?.outcome ?? blockOutcome(ended.output)),
    stages: ended.stages,
    change: result?.summary ?? null,
    ...(result?.drift && { drift: result.drift }),
    ...(result?.rotation && { rotation: result.rotation }),
    ...(result?.compliance && { compliance: result.compliance }),
    ...(result?.compensation && { compensation: result.compensation }),
    links,
    error: failed
      ? result?.error
        ? toError(result.error.name, result.error.message)
        : errorOf(ended)
      : null,
  };
};

/** Tells why there is no run. */
export const refusalOf = (workflow: string, error: unknown): RunReport => ({
  runId: null,
  workflow,
  outcome: 'failed',
  stages: [],
  change: null,
  links: {},
  error: toError(
    error instanceof Error ? error.name : 'Error',
    error instanceof Error ? error.message : String(error),
  ),
});

const toError = (code: string, message: string) => ({
  code: plainText(code, 128),
  message: plainText(message.trim().replace(/\s*[\r\n]\s*/g, ' '), 2048),
});

/** A block alone applies, configures, or only reads; a gate alone only asks. */
const blockOutcome = (output: unknown): Outcome => {
  if (applyResult.safeParse(output).success) return 'applied';
  const play = playResult.safeParse(output).data;
  if (play) return play.mode === 'run' && play.changed > 0 ? 'applied' : 'unchanged';
  const answer = decision.safeParse(output).data ?? z.object({ decision }).safeParse(output).data?.decision;
  return answer?.outcome === 'rejected' || answer?.outcome === 'expired' ? answer.outcome : 'unchanged';
};

const statusErrors: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FAILED: ['States.TaskFailed', 'The run failed without saying why.'],
  TIMED_OUT: ['States.Timeout', 'The run took longer than its workflow allows.'],
  ABORTED: ['RunStoppedError', 'The run was stopped before its end.'],
};

const errorOf = ({ status, error, cause }: EndedExecution) => {
  const [code, message] = statusErrors[status] ?? ['States.Runtime', `The run ended as ${status}.`];
  return toError(error || code, sentenceOf(cause) || message);
};

const lambdaCause = z.object({ errorMessage: z.string() });

/** A cause is a sentence, or the JSON in which Lambda wraps one. */
const sentenceOf = (cause: string | null): string | null => {
  if (!cause?.startsWith('{')) return cause;
  try {
    return lambdaCause.safeParse(JSON.parse(cause)).data?.errorMessage ?? cause;
  } catch {
    return cause;
  }
};
