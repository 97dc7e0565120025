import { createHash } from 'node:crypto';
import type { Actor, End } from './actors';
import { type Answered, type Call, type Fault, faults, type Stand, standOf, thrown } from './replay';
import { type Effect, timeIn, type World } from './world';

/** A function that has begun: what its ports answered so far is all there is of it. */
interface Begun {
  readonly actor: string;
  readonly at: string;
  readonly answered: readonly Answered[];
  /** Of all that, to tell states apart. */
  readonly key: string;
}

interface State {
  readonly world: World;
  readonly begun: readonly Begun[];
  /** Actors that may still begin. */
  readonly left: readonly string[];
  readonly faults: number;
}

export interface Model {
  readonly actors: Readonly<Record<string, Actor>>;
  readonly ports: Readonly<Record<string, Effect>>;
  /** Each begins once for each time that it stands here. */
  readonly cast: readonly string[];
  readonly world: World;
  /** How many calls may go wrong, in each way in which one can. */
  readonly faults: number;
  /** What is wrong with a world that came of another. */
  readonly wrong: (before: World, after: World) => readonly string[];
  /** What is still wrong when everything died and the sweeps have run. */
  readonly wrongAfterRepair: (world: World) => Promise<readonly string[]>;
}

export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** Of the longest way to a new state. */
  readonly depth: number;
  /** Whether nothing was left to try. */
  readonly whole: boolean;
  /** The shortest way to the first damage. */
  readonly violation?: { readonly wrong: readonly string[]; readonly way: readonly string[] };
}

const reads = new Set(['find', 'get', 'pending', 'run', 'newest']);

const timedOut = { name: 'TimeoutError', message: 'no answer came in time' };

/** What fails changes nothing. */
const tried = async (effect: Effect, world: World, given: readonly unknown[], attempts = 1) => {
  try {
    const { world: after, value } = await effect(world, given as never[]);
    return { world: after, value };
  } catch (error) {
    const { name, message } = error as Error;
    return { world, error: { name, message, $metadata: { attempts } } };
  }
};

/** One call with a world, well or badly. */
const perform = async (
  { ports }: Pick<Model, 'ports'>,
  world: World,
  { next, given }: Extract<Stand, { next: string }>,
  fault?: Fault,
): Promise<{ world: World; answered: Answered }> => {
  const at = timeIn(world);
  const effect = ports[next];
  if (!effect) throw new Error(`The model has no port ${next}.`);
  if (fault === 'refused') return { world, answered: { at, error: timedOut } };
  const once = await tried(effect, world, given);
  if (fault === 'lost') return { world: once.world, answered: { at, error: timedOut } };
  const { world: after, ...answer } = fault === 'repeated' ? await tried(effect, once.world, given, 2) : once;
  return { world: after, answered: { at, ...answer } };
};

const actorOf = (model: Pick<Model, 'actors'>, name: string): Actor => {
  const actor = model.actors[name.replace(/#\d+$/, '')];
  if (!actor) throw new Error(`The model has no actor ${name}.`);
  return actor;
};

/** Lets everything that was begun wait for its next call; what has ended is gone, and its answer told. */
const settle = async (model: Model, state: State, moved: Begun): Promise<State> => {
  const actor = actorOf(model, moved.actor);
  if (!actor.program) return state;
  const stand = await standOf(actor.program, moved.at, moved.answered);
  if ('next' in stand) return { ...state, begun: [...state.begun, moved] };
  return { ...state, world: actor.ends?.(state.world, stand) ?? state.world };
};

const sha = (...parts: readonly string[]): string =>
  createHash('sha1').update(parts.join('\n')).digest('base64');

const keyOf = ({ begun, left, faults: wrongs }: State, worldKey: string): string =>
  sha(worldKey, ...begun.map(({ key }) => key).toSorted(), ...left, String(wrongs));

/** Every state that one step leads to. */
const stepsFrom = async (model: Model, state: State): Promise<[label: string, State][]> => {
  const found: [string, State][] = [];
  for (const name of new Set(state.left)) {
    const actor = actorOf(model, name);
    if (actor.can?.(state.world) === false) continue;
    const world = actor.begins?.(state.world) ?? state.world;
    const at = state.left.indexOf(name);
    const left = [...state.left.slice(0, at), ...state.left.slice(at + 1)];
    const begunAt = timeIn(world);
    const begun: Begun = { actor: name, at: begunAt, answered: [], key: sha(name, begunAt) };
    found.push([`${name} begins`, await settle(model, { ...state, world, left }, begun)]);
  }
  for (const [index, one] of state.begun.entries()) {
    const { program } = actorOf(model, one.actor);
    if (!program) continue;
    const stand = await standOf(program, one.at, one.answered);
    if (!('next' in stand)) continue;
    const others = state.begun.toSpliced(index, 1);
    for (const fault of [undefined, ...(state.faults > 0 ? faults : [])]) {
      // A read changes nothing: it fails or it does not.
      if (reads.has(stand.next) && (fault === 'lost' || fault === 'repeated')) continue;
      const { world, answered } = await perform(model, state.world, stand, fault);
      const moved = {
        ...one,
        answered: [...one.answered, answered],
        key: sha(one.key, JSON.stringify(answered)),
      };
      const next = { ...state, world, begun: others, faults: state.faults - (fault ? 1 : 0) };
      found.push([
        `${one.actor}: ${stand.next}${fault ? ` (${fault})` : ''}`,
        await settle(model, next, moved),
      ]);
    }
  }
  return found;
};

/** Runs one actor alone to its end, without faults: how a sweep repairs. */
export const runAlone = async (
  model: Pick<Model, 'ports' | 'actors'>,
  before: World,
  name: string,
): Promise<World> => {
  const actor = actorOf(model, name);
  if (actor.can?.(before) === false) return before;
  let world = actor.begins?.(before) ?? before;
  const call: Call = async (next, ...given) => {
    const done = await perform(model, world, { next, given });
    world = done.world;
    if ('error' in done.answered) throw thrown(done.answered.error);
    return done.answered.value;
  };
  const ended: End | undefined = await actor
    .program?.(call, () => new Date(timeIn(world)))
    .then(
      (result) => ({ result }),
      (threw: Error) => ({ threw }),
    );
  return (ended && actor.ends?.(world, ended)) ?? world;
};

/**
 * Tries every order of every step that the actors can take, breadth first, up to a depth. A function that dies is one
 * that takes no further step, so every crash is among the orders: after each step all that were begun are also taken
 * for dead, and what the sweeps make of it is judged.
 */
export const explore = async (
  model: Model,
  { depth, most }: { depth: number; most: number },
): Promise<Explored> => {
  const first: State = { world: model.world, begun: [], left: model.cast, faults: model.faults };
  const firstKey = keyOf(first, JSON.stringify(first.world));
  const cameFrom = new Map<string, { from: string; label: string } | null>([[firstKey, null]]);
  const judged = new Set<string>();
  const wayTo = (key: string, label: string): string[] => {
    const way = [label];
    for (let step = cameFrom.get(key); step; step = cameFrom.get(step.from)) way.unshift(step.label);
    return way;
  };
  let frontier: [key: string, State][] = [[firstKey, first]];
  let [steps, level] = [0, 0];
  while (frontier.length > 0 && level < depth && cameFrom.size < most) {
    const following: typeof frontier = [];
    for (const [from, state] of frontier)
      for (const [label, next] of await stepsFrom(model, state)) {
        steps += 1;
        const worldKey = JSON.stringify(next.world);
        const key = keyOf(next, worldKey);
        const wrong = [
          ...model.wrong(state.world, next.world),
          ...(judged.has(worldKey) ? [] : await model.wrongAfterRepair(next.world)),
        ];
        judged.add(worldKey);
        if (wrong.length > 0)
          return {
            states: cameFrom.size,
            steps,
            depth: level + 1,
            whole: false,
            violation: { wrong, way: wayTo(from, label) },
          };
        if (cameFrom.has(key)) continue;
        cameFrom.set(key, { from, label });
        following.push([key, next]);
      }
    frontier = following;
    if (following.length > 0) level += 1;
  }
  return { states: cameFrom.size, steps, depth: level, whole: frontier.length === 0 };
};
