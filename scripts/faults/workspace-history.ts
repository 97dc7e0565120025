import type { ExecutionEnd } from './drive-run';
import { type Fault, mustSucceed } from './schedule';
import type { Effect, StoredState } from './state-history';

/** What is known about a workspace's state from all that happened to it so far. */
export interface History {
  /** The newest version that has been looked at, and what it says. */
  readonly version: string | undefined;
  readonly serial: number;
  readonly lineage: string | undefined;
  readonly effects: readonly Effect[];
  /** Ids by {@link effectName}, of every effect that a state or a log ever told of. */
  readonly created: ReadonlyMap<string, string>;
}

export const emptyHistory: History = {
  version: undefined,
  serial: 0,
  lineage: undefined,
  effects: [],
  created: new Map(),
};

/** What one run left, once its workspace was given back and the lock doctor has looked at it. */
export interface Traces {
  readonly revision: number;
  /** How many hosts the workspace is to have. */
  readonly wantedHosts: number;
  readonly decision: 'approve' | 'reject';
  readonly happened: readonly Fault[];
  readonly ended: ExecutionEnd;
  /** What is recorded about the run; `undefined`: nothing. */
  readonly recorded:
    | { readonly status: string; readonly outcome: string | undefined; readonly error: unknown }
    | undefined;
  readonly givenBack: boolean;
  /** Whether the ledger tells that its plan might be applied. */
  readonly authorized: boolean;
  /** Versions of the state that are newer than the history's, oldest first. */
  readonly states: readonly StoredState[];
  /** Whether versions are gone that were there before, or the state was deleted. */
  readonly historyLost: boolean;
  /** What its logs say was created. */
  readonly created: readonly Effect[];
  /** Hosts that answer. */
  readonly hosts: number;
  /** Before the doctor looked: whether a lock lay there. */
  readonly lockLeft: boolean;
  /** After that. */
  readonly stillLocked: boolean;
  readonly stillRescued: boolean;
}

/** Each is made once: another revision is another effect. */
const effectName = ({ revision, key }: Effect): string => `${key} of revision ${revision}`;

const newestByKey = (effects: readonly Effect[]): Map<string, Effect> => {
  const newest = new Map<string, Effect>();
  for (const effect of effects)
    if ((newest.get(effect.key)?.revision ?? 0) <= effect.revision) newest.set(effect.key, effect);
  return newest;
};

const seenIn = ({ created, states }: Traces): Effect[] => [
  ...created,
  ...states.flatMap(({ effects }) => effects),
];
const stateAfter = (history: History, { states }: Traces): readonly Effect[] =>
  states.at(-1)?.effects ?? history.effects;

const doubleApplies = (history: History, traces: Traces): string[] => {
  const ids = new Map(history.created);
  const violations = new Set<string>();
  for (const effect of seenIn(traces)) {
    const name = effectName(effect);
    const known = ids.get(name);
    if (known !== undefined && known !== effect.id)
      violations.add(`applied twice: ${name} was created as ${known} and as ${effect.id}`);
    ids.set(name, known ?? effect.id);
  }
  return [...violations];
};

const lostEffects = (history: History, traces: Traces): string[] => {
  const kept = new Set(stateAfter(history, traces).map(({ id }) => id));
  const newest = newestByKey([...history.effects, ...seenIn(traces)]);
  return [...newest.values()]
    .filter(({ id, revision }) => {
      // A change that was interrupted may have ended the old before it made the new.
      const mayBeReplaced = traces.authorized && revision < traces.revision;
      return !kept.has(id) && !(mayBeReplaced && traces.states.length > 0);
    })
    .map(
      (effect) => `lost: ${effectName(effect)} was created as ${effect.id}, and the state does not know it`,
    );
};

const stateMoves = (history: History, { states, authorized, historyLost }: Traces): string[] => {
  const violations: string[] = [];
  if (historyLost) violations.push('versions of the state were removed');
  let { serial, lineage, effects } = history;
  for (const state of states) {
    const same = JSON.stringify(state.effects) === JSON.stringify(effects);
    // Told to stop, even a plan stores its state: as it was, or an empty one where there was none.
    if (!same && !authorized) violations.push(`state ${state.serial} differs, and nothing authorized that`);
    if (state.serial < serial) violations.push(`the state went back from ${serial} to ${state.serial}`);
    if (state.serial === serial && !same) violations.push(`two states have serial ${serial}`);
    if (lineage !== undefined && state.lineage !== lineage)
      violations.push('the state began anew: its lineage is another');
    ({ serial, lineage, effects } = state);
  }
  return violations;
};

const outcomes = (history: History, traces: Traces): string[] => {
  const { recorded, ended, happened, decision, revision, wantedHosts, hosts } = traces;
  const violations: string[] = [];
  if (ended === 'never') violations.push('it did not end');
  if (!traces.givenBack) violations.push('its workspace was not given back');
  if (recorded === undefined) {
    if (!happened.some(({ kind }) => kind === 'stop')) violations.push('no record of it exists');
    return violations;
  }
  const { status, outcome, error } = recorded;
  if (status !== 'ended') violations.push(`it is recorded as ${status}`);
  if (ended === 'SUCCEEDED' && outcome === 'failed')
    violations.push('its execution succeeded, and it is recorded as failed');
  const expected = decision === 'reject' ? ['rejected', 'unchanged'] : ['applied', 'unchanged'];
  if (mustSucceed(happened) && !expected.includes(outcome ?? ''))
    violations.push(
      `nothing but what repetition mends happened to it, and it is ${outcome}: ${JSON.stringify(error)}`,
    );
  if (outcome === 'applied' || outcome === 'unchanged') {
    const effects = stateAfter(history, traces);
    if (effects.length !== 2 || effects.some((effect) => effect.revision !== revision))
      violations.push(`${outcome}, but the state holds ${JSON.stringify(effects)}`);
    if (hosts !== wantedHosts) violations.push(`${outcome}, and ${hosts} hosts answer`);
  }
  if (decision === 'reject' && outcome === 'applied') violations.push('it was rejected, and applied');
  return violations;
};

const leftovers = ({ lockLeft, stillLocked, stillRescued, happened }: Traces): string[] => [
  ...(lockLeft && mustSucceed(happened) ? ['a lock was left, and nothing ended its holder'] : []),
  ...(stillLocked ? ['a lock is left, and the lock doctor did not release it'] : []),
  ...(stillRescued ? ['a rescued state is left, and the lock doctor did not restore it'] : []),
];

/** What must not be. */
export const violationsOf = (history: History, traces: Traces): string[] => [
  ...outcomes(history, traces),
  ...stateMoves(history, traces),
  ...doubleApplies(history, traces),
  ...lostEffects(history, traces),
  ...leftovers(traces),
];

/** What is known after this run. */
export const learn = (history: History, traces: Traces): History => {
  const newest = traces.states.at(-1);
  return {
    version: newest?.versionId ?? history.version,
    serial: newest?.serial ?? history.serial,
    lineage: newest?.lineage ?? history.lineage,
    effects: stateAfter(history, traces),
    created: new Map([
      ...seenIn(traces).map((effect) => [effectName(effect), effect.id] as const),
      ...history.created,
    ]),
  };
};
