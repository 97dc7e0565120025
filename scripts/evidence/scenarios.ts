import type { Outcome } from '../../lambdas/shared/contract';
import { EvidenceError, type Lab, type LabRun } from './lab';
import type { Json, Place, WorkflowEvidence } from './workflow-evidence';

/** One attempt of a scenario: the runs that it made; what took so long is the last of them. */
export interface Observed {
  readonly runIds: readonly string[];
  /** Seconds of the run that the scenario is about. */
  readonly seconds: number;
  /** What was seen, in a few words: an outcome, an error's name. */
  readonly saw: string;
}

interface At {
  readonly lab: Lab;
  readonly evidence: WorkflowEvidence;
  readonly place: Place;
}

export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** `many`: it mostly waits. `alone`: nothing else may run meanwhile. `faulty`: services are made to fail. */
  readonly pace: 'some' | 'many' | 'alone' | 'faulty';
  /** Why it says nothing about a workflow; undefined where it does. */
  readonly inapplicable: (evidence: WorkflowEvidence, lab: Lab) => string | undefined;
  /** @throws EvidenceError when something else happened than what was expected */
  readonly attempt: (at: At) => Promise<Observed>;
}

const always = (): undefined => undefined;
const asksNobody = ({ asks }: WorkflowEvidence): string | undefined => (asks ? undefined : 'it asks nobody');

const inputOf = async ({ lab, evidence, place }: At, given: Json = {}): Promise<Json> => ({
  reason: 'Evidence',
  ...(await evidence.input(place, lab)),
  ...given,
});

/** A run that asks nobody knows no time for it. */
const hasten = ({ asks }: WorkflowEvidence): Json => (asks ? { approvalTimeoutSeconds: 30 } : {});

const requireOutcome = ({ report, runId }: LabRun, outcome: Outcome): void => {
  if (report.outcome === outcome) return;
  const error = report.error ? `: ${report.error.code}: ${report.error.message}` : '';
  throw new EvidenceError(`Run ${runId} ended ${report.outcome}, not ${outcome}${error}`);
};

const requireError = ({ report, runId }: LabRun, error: string): void => {
  if (report.outcome === 'failed' && report.error?.code === error) return;
  throw new EvidenceError(
    `Run ${runId} was to fail with ${error}, and ended ${report.outcome}${report.error ? ` with ${report.error.code}: ${report.error.message}` : ''}`,
  );
};

/** However a run ended: its end is recorded, its workspace is given back, and somebody was told. */
const requireCleanEnd = async ({ lab }: At, { runId, report }: LabRun): Promise<void> => {
  const record = await lab.eventually(`the recorded end of ${runId}`, async () => {
    const found = await lab.record(runId);
    return found?.status === 'ended' && found.open === undefined ? found : undefined;
  });
  if (record.outcome !== report.outcome)
    throw new EvidenceError(`Run ${runId} ended ${report.outcome}, and is recorded as ${record.outcome}.`);
  const { wasTold } = lab.target;
  if (wasTold && report.outcome === 'failed')
    await lab.eventually(`news of ${runId}`, async () => (await wasTold(runId)) || undefined);
};

const observed = (saw: string, ...runs: readonly LabRun[]): Observed => ({
  runIds: runs.map(({ runId }) => runId),
  seconds: runs.at(-1)?.seconds ?? 0,
  saw,
});

const whole = async (at: At): Promise<LabRun> => {
  const run = await at.lab.run(at.evidence.workflow, await inputOf(at));
  requireOutcome(run, at.evidence.outcome);
  await requireCleanEnd(at, run);
  return run;
};

/** A run that nobody lets through, with the end that it is to have. */
const notDecidedFor = (decision: 'reject' | null, outcome: Outcome, given: Json) => async (at: At) => {
  const run = await at.lab.run(at.evidence.workflow, await inputOf(at, given), decision);
  requireOutcome(run, outcome);
  await requireCleanEnd(at, run);
  return observed(outcome, run);
};

const failing = async (at: At): Promise<Observed> => {
  const { failure, workflow } = at.evidence;
  if (!failure) throw new EvidenceError('No failure is known.');
  await failure.prepare?.(at.lab, at.place);
  try {
    const input = await failure.input(at.place, at.lab);
    const run = await at.lab.run(workflow, { reason: 'Evidence', ...input });
    requireError(run, failure.error);
    await requireCleanEnd(at, run);
    return observed(failure.error, run);
  } finally {
    await failure.restore?.(at.lab, at.place);
  }
};

/** The run fails by name, or goes on with another worker; either way the work is done in the end. */
const killed = async (at: At): Promise<Observed> => {
  const { lab, evidence } = at;
  const { killDuring, workflow, isResumable } = evidence;
  const { killWorker } = lab.target;
  if (!killDuring || !killWorker) throw new EvidenceError('No worker can be killed.');
  const input = await inputOf(at);
  const killing = killWorker(killDuring);
  let isKilled = false;
  void killing.done.then(() => {
    isKilled = true;
  });
  const first = await lab.run(workflow, input).finally(killing.forget);
  if (!isKilled) throw new EvidenceError(`Run ${first.runId} ended, and no worker of it was met.`);
  await requireCleanEnd(at, first);
  if (first.report.outcome === evidence.outcome) return observed(`${evidence.outcome} nevertheless`, first);
  const name = first.report.error?.code ?? first.report.outcome;
  const next = isResumable
    ? await lab.run(workflow, { workspace: input.workspace ?? null, resume: first.runId })
    : await lab.run(workflow, await inputOf(at));
  const isDone = next.report.outcome === evidence.outcome || next.report.outcome === 'unchanged';
  if (!isDone) requireOutcome(next, evidence.outcome);
  await requireCleanEnd(at, next);
  return observed(`${name}, then ${next.report.outcome}`, first, next);
};

const again = async (at: At): Promise<Observed> => {
  const { workflow, again: expected } = at.evidence;
  const first = await whole(at);
  const { input = at.evidence.input } = expected;
  const second = await at.lab.run(workflow, await inputOf({ ...at, evidence: { ...at.evidence, input } }));
  if ('error' in expected) requireError(second, expected.error);
  else requireOutcome(second, expected.outcome);
  await requireCleanEnd(at, second);
  return observed('error' in expected ? expected.error : expected.outcome, first, second);
};

const meanwhile = async (at: At): Promise<Observed> => {
  const { lab, evidence } = at;
  const input = await inputOf(at, evidence.meanwhile === 'refused' ? { whenBusy: 'refuse' } : {});
  const starts = await Promise.all([0, 1].map(() => lab.start(evidence.workflow, input)));
  const runs = await Promise.all(starts.map((run) => lab.follow(evidence.workflow, run, 'approve')));
  for (const run of runs) await requireCleanEnd(at, run);
  const turnedAway = runs.filter(({ report }) => report.error?.code === 'WorkspaceBusyError');
  const served = runs.filter((run) => !turnedAway.includes(run));
  for (const run of served) requireOutcome(run, evidence.outcome);
  if (turnedAway.length !== (evidence.meanwhile === 'refused' ? 1 : 0))
    throw new EvidenceError(`Of two runs at once, ${turnedAway.length} were turned away.`);
  return observed(
    evidence.meanwhile === 'refused' ? `one ${evidence.outcome}, one WorkspaceBusyError` : 'both served',
    ...turnedAway,
    ...served,
  );
};

/** The same request twice, with one key. */
const sameKey = async (at: At): Promise<Observed> => {
  const { lab, evidence } = at;
  const key = `${at.place.workspace}-${at.place.attempt}-${Date.now()}`;
  const input = await inputOf(at);
  const [one, other] = await Promise.all([0, 1].map(() => lab.start(evidence.workflow, input, key)));
  if (!one || one.runId !== other?.runId)
    throw new EvidenceError(`One key started two runs: ${one?.runId} and ${other?.runId}.`);
  const run = await lab.follow(evidence.workflow, one, 'approve');
  requireOutcome(run, evidence.outcome);
  await requireCleanEnd(at, run);
  return observed('one run', run);
};

/** What is tried with each workflow, beside the start of somebody who may not (`unauthorised.ts`). */
export const scenarios: readonly Scenario[] = [
  {
    name: 'happy',
    what: 'It is started, approved where it asks, and does what it is for.',
    pace: 'some',
    inapplicable: always,
    attempt: async (at) => observed(at.evidence.outcome, await whole(at)),
  },
  {
    name: 'rejected',
    what: 'Somebody rejects: a clean end, nothing is changed.',
    pace: 'some',
    inapplicable: asksNobody,
    attempt: notDecidedFor('reject', 'rejected', {}),
  },
  {
    name: 'expired',
    what: 'Nobody answers in the 30 seconds that the input gives: a clean end, nothing is changed.',
    pace: 'many',
    inapplicable: asksNobody,
    attempt: async (at) => notDecidedFor(null, 'expired', hasten(at.evidence))(at),
  },
  {
    name: 'tool failure',
    what: 'A tool fails: the run fails with a named error, recorded and notified, and gives its workspace back.',
    pace: 'some',
    inapplicable: ({ failure }, { target }) =>
      failure === undefined
        ? 'no input makes a tool of it fail'
        : failure.isByHand && !target.onHosts
          ? 'nobody logs in to its machines from here'
          : undefined,
    attempt: failing,
  },
  {
    name: 'worker killed',
    what: 'The worker is killed in the middle of its task: a named error and a clean end, after which the work is resumed (or started again) and done.',
    pace: 'alone',
    inapplicable: ({ killDuring }, { target }) =>
      killDuring === undefined
        ? 'no worker has a task of its own'
        : target.killWorker
          ? undefined
          : 'workers cannot be killed from outside here',
    attempt: killed,
  },
  {
    name: 'throttled AWS',
    what: 'Every fifth call of every function to a service is throttled: the run does what it is for.',
    pace: 'faulty',
    inapplicable: (_, { target }) =>
      target.name === 'local' ? undefined : 'AWS throttles when it wants to, not when we do',
    attempt: async (at) => observed(at.evidence.outcome, await whole(at)),
  },
  {
    name: 'idempotent re-run',
    what: 'A second run with the same input, or without its force, changes nothing.',
    pace: 'some',
    inapplicable: always,
    attempt: again,
  },
  {
    name: 'same request twice',
    what: "Two starts at once with one caller's key are one run.",
    pace: 'some',
    inapplicable: always,
    attempt: sameKey,
  },
  {
    name: 'concurrent runs',
    what: 'Two runs are started at once in one workspace: one has it, the other is told who does (or, where nothing is changed, or one can follow the other, both are served).',
    pace: 'some',
    inapplicable: always,
    attempt: meanwhile,
  },
];
