import type { Lease } from '../shared/lease-record';
import { type RunRecord, workerSilenceSeconds } from '../shared/run-record';
import type { Diagnosis, Repair } from './contract';
import type { StateLock, StateMark } from './state-objects';

/** How an execution stands, or `GONE` when Step Functions no longer knows it. */
export type ExecutionStatus = 'RUNNING' | 'ENDED' | 'GONE';

/** A run as far as it may have taken a lock. */
export interface RunFacts extends Pick<RunRecord, 'runId' | 'startedAt' | 'status' | 'endedAt' | 'worker'> {
  readonly execution: ExecutionStatus;
  /** Since when the doctor has looked at the run and seen no sign of a worker. */
  readonly watchedSince: Date;
}

export interface Facts {
  readonly workspace: string;
  readonly now: Date;
  readonly lock: StateLock | undefined;
  readonly lease: Lease | undefined;
  /** The run that has the lease; `undefined` also when nothing is recorded of it. */
  readonly holder: RunFacts | undefined;
  /** The run during which the lock was taken, of those that had the workspace before. */
  readonly former: RunFacts | undefined;
  readonly state: StateMark | undefined;
  /** A state that could not be stored at its place. */
  readonly rescued: StateMark | undefined;
}

/** No task on Fargate lives longer than 125 minutes, and no function as long; five more for clocks that differ. */
const lastResortSeconds = 130 * 60;
/** Clocks of the machines that stamp lock and lease differ by less. */
const clockSkewSeconds = 5;

const secondsSince = (from: string | Date, now: Date): number =>
  (now.getTime() - new Date(from).getTime()) / 1000;
const inWords = (seconds: number): string =>
  Math.abs(seconds) < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;

type Life = { readonly is: 'dead' | 'unclear' | 'alive'; readonly because: string };

/** Whether a worker of this run may be alive. Workers report every second; silence is what proves the opposite. */
const lifeOf = ({ runId, worker, endedAt, watchedSince, execution }: RunFacts, now: Date): Life => {
  const sign =
    worker?.heartbeatAt ?? (execution !== 'RUNNING' && endedAt !== undefined ? endedAt : watchedSince);
  const silence = Math.abs(secondsSince(sign, now));
  const quiet = worker
    ? `the worker of ${worker.task} last reported ${inWords(silence)} ago`
    : `no worker has reported for ${inWords(silence)}`;
  if (silence > workerSilenceSeconds)
    return { is: 'dead', because: `Run ${runId}: ${quiet}, so it is gone.` };
  // A sign that is some seconds old may have been the last.
  return {
    is: worker && silence < 5 ? 'alive' : 'unclear',
    because: `Run ${runId}: ${quiet}, so it may be alive.`,
  };
};

interface Finding {
  readonly says: string[];
  readonly repairs: Repair[];
  /** Whether something stays held: for long, or until a look some seconds later. */
  readonly waits: 'no' | 'long' | 'briefly';
}
const note = (...says: string[]): Finding => ({ says, repairs: [], waits: 'no' });
const wait = (...says: string[]): Finding => ({ says, repairs: [], waits: 'long' });
const lookAgain = (...says: string[]): Finding => ({ says, repairs: [], waits: 'briefly' });
const act = (repair: Repair, ...says: string[]): Finding => ({ says, repairs: [repair], waits: 'no' });

/** Acts on what is dead. What may be alive is looked at again, unless it has just given a sign. */
const actIfDead = (repair: Repair, run: RunFacts, now: Date, ...says: string[]): Finding => {
  const life = lifeOf(run, now);
  if (life.is === 'dead') return act(repair, ...says, life.because);
  return (life.is === 'alive' ? wait : lookAgain)(...says, life.because);
};

const examineLock = ({ lock, lease, holder, former, now }: Facts): Finding => {
  if (!lock) return note();
  const age = secondsSince(lock.createdAt, now);
  const found = `The state is locked for ${inWords(age)}, for ${lock.operation}, by ${lock.who}.`;
  if (age <= workerSilenceSeconds)
    return lookAgain(found, 'That is too short to tell whether its holder is alive.');
  const isOfHolder =
    lease !== undefined && secondsSince(lease.acquiredAt, new Date(lock.createdAt)) >= -clockSkewSeconds;
  // Within what clocks differ by, either may have taken it: both must be gone.
  if (isOfHolder && former && lock.createdAt < lease.acquiredAt && lifeOf(former, now).is !== 'dead')
    return actIfDead('release-lock', former, now, found, `Run ${former.runId} may have taken it.`);
  if (isOfHolder && holder) {
    const taken = `It was taken while run ${holder.runId} had the workspace.`;
    return actIfDead('release-lock', holder, now, found, taken);
  }
  if (!isOfHolder && former && former.execution !== 'RUNNING') {
    const taken = `It was taken during run ${former.runId}, which has ended.`;
    return actIfDead('release-lock', former, now, found, taken);
  }
  const unknown = 'No run is known that took it.';
  if (isOfHolder)
    return wait(found, `${unknown} ${lease.runId} has the workspace, of which nothing is recorded.`);
  return age > lastResortSeconds
    ? act('release-lock', found, unknown, 'No worker lives longer than 125 minutes, so its holder is gone.')
    : wait(found, unknown, 'A worker may live for 125 minutes; after 130 the lock is released.');
};

const examineLease = ({ lease, holder, now }: Facts): Finding => {
  if (!lease) return note();
  const waiting = lease.queue.length === 0 ? '' : ` ${lease.queue.length} wait for it.`;
  const found = `Run ${lease.runId} has the workspace since ${lease.acquiredAt}.${waiting}`;
  if (!holder) return wait(found, 'Nothing is recorded of that run. A person must look at it.');
  if (holder.execution === 'RUNNING') return note(found, 'It is running.');
  if (holder.status !== 'ended')
    return wait(
      found,
      'Its execution has ended; the reconciler records its end and gives the workspace back.',
    );
  return actIfDead('release-lease', holder, now, found, 'It has ended and has not given it back.');
};

const examineState = ({ rescued, state }: Facts, lockIsFree: boolean): Finding => {
  if (!rescued) return note();
  const found = `A state of serial ${rescued.serial} was rescued when it could not be stored at its place.`;
  if (state && state.lineage !== rescued.lineage)
    return wait(found, 'The state at its place is of another lineage. A person must look at both.');
  if (state && state.serial >= rescued.serial)
    return wait(
      found,
      `The state at its place has serial ${state.serial}: it has moved on. A person must look at both.`,
    );
  const older = state
    ? `The state at its place is its predecessor of serial ${state.serial}.`
    : 'There is none at its place.';
  return lockIsFree
    ? act('restore-state', found, older)
    : wait(found, older, 'It is restored when the state is not locked any more.');
};

/**
 * What is to be done about one workspace, and why, from facts alone. Nothing is released while any fact allows its
 * holder to be alive; no state is replaced but by its own successor.
 */
export const diagnose = (facts: Facts): Diagnosis & { readonly mayClear: boolean } => {
  const lock = examineLock(facts);
  const lease = examineLease(facts);
  // A worker that lives may be about to take the lock.
  const isQuiet = !facts.holder?.worker || lifeOf(facts.holder, facts.now).is === 'dead';
  const state = examineState(facts, isQuiet && lock.waits === 'no');
  const all = [lock, lease, state];
  const repairs = all.flatMap((one) => one.repairs);
  const findings = all.flatMap(({ says }) => says);
  return {
    workspace: facts.workspace,
    verdict: repairs.length > 0 ? 'repair' : all.some(({ waits }) => waits !== 'no') ? 'wait' : 'healthy',
    mayClear: all.some(({ waits }) => waits === 'briefly'),
    findings: findings.length > 0 ? findings : ['Nothing is held and nothing is left behind.'],
    repairs,
  };
};
