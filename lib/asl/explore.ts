import { type Action, actionOf } from './actions';
import { type AslState, type Assignments, type Region, regionsOf, variablesAfter } from './asl';
import { type Bounds, type Graph, longest, taskBounds } from './bounds';
import { atTheBeginning, type Circumstances, forget, identityOf, tidy, undecided } from './circumstances';
import { judgeAction, type Place } from './decision-rules';
import { judgeEnd, judgeFailure } from './end-rules';
import { evaluate, type Scope } from './evaluate';
import { assume, type Facts } from './facts';
import type { Machine } from './machine';
import { itemsAtMost, nestedBounds } from './nested-bounds';
import { absent, origin, originsOf, type Term } from './term';

/** A way out of a state. */
interface Way {
  readonly to: string;
  readonly known: Circumstances;
}

/** A way with what it leads to: the same state in the same circumstances is the same node. */
interface Visit extends Way {
  readonly node: string;
  /** How it was come to first, for people. */
  readonly trail: string;
}

const atMost = 3_000;
export const newBudget = (): { left: number } => ({ left: atMost });

/** What begin-run raises when another run must give something back first. */
const busy = ['WorkspaceBusyError', 'TenantBusyError'];

export class TooInvolvedError extends Error {}

class Exploration {
  private readonly ways = new Map<string, { state: string; bounds: Bounds; to: string[] }>();
  private readonly read: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(
    private readonly region: Region,
    private readonly machine: Machine,
    private readonly isOutermost: boolean,
  ) {
    this.read = variablesAfter(region);
  }

  from(known: Circumstances): Bounds {
    const first = this.visit({ to: this.region.StartAt, known });
    const queue: Visit[] = [{ ...first, trail: first.to }];
    const queued = new Set([first.node]);
    for (let visit = queue.shift(); visit; visit = queue.shift()) {
      if (this.machine.budget.left-- <= 0)
        throw new TooInvolvedError(
          `is too involved to be checked: at "${visit.to}", more than ${atMost} different circumstances. A loop that counts must end early (compare its counter with a number); otherwise move a part into a block of its own.`,
        );
      const state = this.region.States[visit.to];
      if (!state) continue;
      const { bounds, out } = this.step(visit.to, state, visit.known, visit.trail);
      const next = out.map((way) => this.visit(way));
      this.ways.set(visit.node, { state: visit.to, bounds, to: next.map(({ node }) => node) });
      for (const one of next.filter(({ node }) => !queued.has(node))) {
        queued.add(one.node);
        queue.push({ ...one, trail: `${visit.trail} → ${one.to}` });
      }
    }
    const graph: Graph = { start: first.node, nodes: this.ways };
    return longest(graph, (states) =>
      this.machine.add(
        states[0] ?? '',
        `goes round without a bound: ${[...states, states[0]].join(' → ')}. Count the turns in a variable that begins with a number ("turns": 1, then {% $turns + 1 %}) and go on only while {% $turns < 5 %}.`,
      ),
    );
  }

  private visit({ to, known }: Way): Way & { readonly node: string } {
    const tidied = tidy(known, (variable) => this.read.get(to)?.has(variable) ?? false);
    return { to, known: tidied, node: `${to}\n${identityOf(tidied)}` };
  }

  private scope(state: string, known: Circumstances, ...offered: Scope['offered']): Scope {
    return {
      state,
      variables: known.variables,
      input: known.input,
      executionInput: known.executionInput,
      offered,
      report: (what) => this.machine.add(state, what),
    };
  }

  private assigned(given: Assignments | undefined, scope: Scope): Record<string, Term> {
    return Object.fromEntries(
      Object.entries(given ?? {}).map(([name, value]) => [name, evaluate(value, scope)]),
    );
  }

  /** Leaves a state: its variables assigned, its output the next one's input. */
  private leave(
    known: Circumstances,
    scope: Scope,
    { Assign, Output }: Pick<AslState, 'Assign' | 'Output'>,
    otherwise: Term,
  ): Circumstances {
    return {
      ...known,
      variables: { ...known.variables, ...this.assigned(Assign, scope) },
      input: Output === undefined ? otherwise : evaluate(Output, scope),
    };
  }

  private end(place: Place): void {
    if (this.isOutermost) judgeEnd(this.machine, place);
  }

  private onward(state: AslState, known: Circumstances, name: string, trail: string): Way[] {
    if (state.Next !== undefined) return [{ to: state.Next, known }];
    this.end({ name, known, trail });
    return [];
  }

  private step(
    name: string,
    state: AslState,
    known: Circumstances,
    trail: string,
  ): { bounds: Bounds; out: Way[] } {
    const plain: Bounds = { events: 2, seconds: 0 };
    switch (state.Type) {
      case 'Pass': {
        const scope = this.scope(name, known);
        return {
          bounds: plain,
          out: this.onward(state, this.leave(known, scope, state, known.input), name, trail),
        };
      }
      case 'Wait': {
        const scope = this.scope(name, known);
        const lasts = evaluate(state.Seconds ?? state.Timestamp, scope);
        const seconds =
          state.Seconds !== undefined && lasts.kind === 'literal'
            ? Number(lasts.value)
            : Number.POSITIVE_INFINITY;
        return {
          bounds: { ...plain, seconds },
          out: this.onward(state, this.leave(known, scope, state, known.input), name, trail),
        };
      }
      case 'Succeed':
        if (state.Output !== undefined) evaluate(state.Output, this.scope(name, known));
        this.end({ name, known, trail });
        return { bounds: plain, out: [] };
      case 'Fail':
        evaluate(state.Error, this.scope(name, known));
        evaluate(state.Cause, this.scope(name, known));
        if (this.isOutermost) judgeFailure(this.machine, { name, known, trail });
        return { bounds: { events: 1, seconds: 0 }, out: [] };
      case 'Choice':
        return { bounds: plain, out: this.choose(name, state, known) };
      case 'Map':
      case 'Parallel':
        return this.nested(name, state, known, trail);
      case 'Task':
        return this.task(name, state, known, trail);
      default:
        this.machine.add(name, `has the Type "${state.Type}", which does not exist.`);
        return { bounds: plain, out: [] };
    }
  }

  private choose(name: string, state: AslState, known: Circumstances): Way[] {
    const tells = (to: string | undefined): boolean => {
      const target = this.region.States[to ?? ''];
      return target !== undefined && JSON.stringify(target.Arguments ?? '').includes('${NotifyFunctionArn}');
    };
    const canTell = [...(state.Choices ?? []).map(({ Next }) => Next), state.Default].some(tells);
    const past = (to: string, from: Circumstances): Circumstances =>
      canTell && !tells(to) && from.progress.recorded === 'yes' && from.progress.told === 'no'
        ? { ...from, progress: { ...from.progress, told: 'declined' } }
        : from;
    const out: Way[] = [];
    let remaining: Facts[] = [known.facts];
    for (const rule of state.Choices ?? []) {
      const condition = evaluate(rule.Condition, this.scope(name, known));
      for (const facts of remaining.flatMap((one) => assume(one, condition, true))) {
        const here = { ...known, facts };
        const after = this.leave(here, this.scope(name, here), rule, known.input);
        out.push({ to: rule.Next, known: past(rule.Next, after) });
      }
      remaining = remaining.flatMap((one) => assume(one, condition, false));
    }
    if (state.Default === undefined) {
      if (remaining.length > 0)
        this.machine.add(
          name,
          'has no Default, so that a run for which no condition holds breaks off. Add one.',
        );
      return out;
    }
    for (const facts of remaining) {
      const here = { ...known, facts };
      const after = this.leave(here, this.scope(name, here), state, known.input);
      out.push({ to: state.Default, known: past(state.Default, after) });
    }
    return out;
  }

  private caught(name: string, state: AslState, before: Circumstances, failing: Circumstances): Way[] {
    const isHanded = failing.progress.begun === 'tried' && failing.progress.hasWaited;
    return (
      (state.Catch ?? [])
        // Whoever was handed a workspace has it: begin-run finds it, or its tenant, busy no second time.
        .filter(({ ErrorEquals }) => !(isHanded && ErrorEquals.every((error) => busy.includes(error))))
        .map((catcher) => {
          const scope = this.scope(
            name,
            { ...failing, variables: before.variables, input: before.input },
            'errorOutput',
          );
          return { to: catcher.Next, known: this.leave(failing, scope, catcher, origin('error', name)) };
        })
    );
  }

  private task(
    name: string,
    state: AslState,
    known: Circumstances,
    trail: string,
  ): { bounds: Bounds; out: Way[] } {
    const given = evaluate(state.Arguments, this.scope(name, known));
    if (state.TimeoutSeconds !== undefined) evaluate(state.TimeoutSeconds, this.scope(name, known));
    const action = actionOf(state, given, known.facts, this.machine.name);
    judgeAction(this.machine, { name, known, trail }, action);
    const before = forget(known, name);
    const result = origin('result', name);
    const { progress } = before;
    const failing: Circumstances = {
      ...(action.does === 'record' ? undecided(before) : before),
      progress: {
        ...progress,
        ...(action.does === 'begin' && { begun: 'tried' as const }),
        ...(action.does === 'record' && { recorded: 'failed' as const }),
        ...(action.does === 'tell' && { told: 'yes' as const }),
      },
    };
    const done = this.done(name, action, before);
    const scope = this.scope(name, { ...done, variables: before.variables }, 'result');
    const after = this.leave(done, scope, state, result);
    return {
      bounds: taskBounds(state),
      out: [...this.onward(state, after, name, trail), ...this.caught(name, state, before, failing)],
    };
  }

  /** What is known once a task has succeeded. */
  private done(name: string, action: Action, before: Circumstances): Circumstances {
    const { progress } = before;
    const fresh = (change: Term): boolean =>
      change !== absent && !originsOf(change).some((from) => from.name === 'lost' || from.state === name);
    switch (action.does) {
      case 'begin':
        return { ...before, begunBy: name, progress: { ...progress, begun: 'yes', hasWaited: false } };
      case 'wait-for-lease':
        return { ...before, progress: { ...progress, hasWaited: true } };
      case 'bind':
        return { ...before, bound: [...before.bound, name] };
      case 'record':
        return { ...undecided(before), recordedBy: name, progress: { ...progress, recorded: 'yes' } };
      case 'tell':
        return { ...before, progress: { ...progress, told: 'yes' } };
      case 'ask':
        return fresh(action.change)
          ? { ...before, asked: { ...before.asked, [name]: action.change } }
          : before;
      case 'authorize':
        return fresh(action.change)
          ? { ...before, authorized: [...before.authorized, action.change] }
          : before;
      default:
        return before;
    }
  }

  private nested(
    name: string,
    state: AslState,
    known: Circumstances,
    trail: string,
  ): { bounds: Bounds; out: Way[] } {
    const scope = this.scope(name, known);
    const items = state.Items === undefined ? known.input : evaluate(state.Items, scope);
    if (state.ItemReader?.Arguments !== undefined) evaluate(state.ItemReader.Arguments, scope);
    if (state.ItemBatcher?.BatchInput !== undefined) evaluate(state.ItemBatcher.BatchInput, scope);
    const isDistributed = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const each = state.ItemBatcher
      ? origin('batch', name)
      : state.ItemSelector === undefined
        ? origin('item', name)
        : evaluate(state.ItemSelector, scope);
    const input = state.Type === 'Map' ? each : known.input;
    const inside: Circumstances = isDistributed
      ? { ...known, variables: {}, input, executionInput: input }
      : { ...known, input };
    const inner = regionsOf(state).map((region) => new Exploration(region, this.machine, false).from(inside));
    const before = forget(known, name);
    const after = this.leave(before, this.scope(name, before, 'result'), state, origin('result', name));
    return {
      bounds: nestedBounds({
        state,
        inner,
        items: itemsAtMost(items, known.facts),
        tell: (what) => this.machine.add(name, what),
      }),
      out: [...this.onward(state, after, name, trail), ...this.caught(name, state, before, before)],
    };
  }
}

/** Follows every path of a machine, with all that is known on it. */
export const explore = (region: Region, machine: Machine): Bounds =>
  new Exploration(region, machine, true).from(atTheBeginning);
