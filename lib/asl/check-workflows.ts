import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { blockOf } from './actions';
import type { Asl, Region } from './asl';
import { regionsOf } from './asl';
import { type Bounds, mostEvents } from './bounds';
import { explore, newBudget, TooInvolvedError } from './explore';
import type { Requirement, Summary } from './machine';
import { checkLinks, checkNames, checkStates } from './task-rules';

const extension = '.asl.json';

/** A definition, by the name of its file without the ending. */
export type Definitions = Readonly<Record<string, Asl>>;

/** What the checks say of one file. */
export interface Verdict {
  /** Sentences that name file, state, reason and what to do; none: all is well. */
  readonly problems: readonly string[];
  readonly isRun: boolean;
  /** Of one execution; its seconds are at most those of its TimeoutSeconds. */
  readonly bounds: Bounds;
  /** Blocks that it calls itself. */
  readonly calls: readonly string[];
  /** Whether it leaves the decision on a change to its callers. */
  readonly needsDecision: boolean;
}

const tokensOf = (asl: Asl): readonly string[] => [
  ...new Set([...JSON.stringify(asl).matchAll(/\$\{([A-Z][A-Za-z0-9]*)\}/g)].map(([, token]) => token ?? '')),
];

const allStates = (region: Region): [string, Region['States'][string]][] =>
  Object.entries(region.States).flatMap(([name, state]) => [
    [name, state] as [string, typeof state],
    ...regionsOf(state).flatMap(allStates),
  ]);

/** A verdict with what callers mind of a block. */
export type Judged = Verdict & { readonly summary: Summary };

class Suite {
  private readonly verdicts: Map<string, Judged>;

  constructor(
    private readonly definitions: Definitions,
    settled: Readonly<Record<string, Judged>>,
  ) {
    this.verdicts = new Map(Object.entries(settled));
  }

  verdictOn(name: string, callers: readonly string[] = []): Judged | undefined {
    const known = this.verdicts.get(name);
    const asl = Object.hasOwn(this.definitions, name) ? this.definitions[name] : undefined;
    if (known || !asl) return known;
    const verdict = this.judge(name, asl, [...callers, name]);
    this.verdicts.set(name, verdict);
    return verdict;
  }

  private judge(name: string, asl: Asl, callers: readonly string[]): Judged {
    const file = `workflows/${name}${extension}`;
    const found = new Map<string, string>();
    const problems = { add: (text: string) => void found.set(text, text) };
    const add = (state: string, what: string, path?: string): void => {
      const text = `${file}: state "${state}" ${what}`;
      if (!found.has(text)) found.set(text, path === undefined ? text : `${text} Path: ${path}.`);
    };
    const tokens = tokensOf(asl);
    const isRun = tokens.includes('BeginRunFunctionArn');
    const calls = tokens.flatMap((token) => blockOf(token) ?? []);
    const timeoutSeconds =
      typeof asl.TimeoutSeconds === 'number' ? asl.TimeoutSeconds : Number.POSITIVE_INFINITY;
    if (asl.QueryLanguage !== 'JSONata')
      problems.add(`${file}: QueryLanguage is not JSONata. Nothing else is understood.`);
    if (!Number.isFinite(timeoutSeconds))
      problems.add(`${file}: no top-level TimeoutSeconds. Say how long it may take.`);
    if (!asl.Comment?.includes('Example input: '))
      problems.add(`${file}: the Comment has no "Example input: {…}". End it with one.`);

    checkStates(asl, add);
    checkNames(asl, add);
    const requirements = new Map<string, Requirement>();
    let bounds: Bounds = { events: 0, seconds: 0 };
    const circle = calls.find((called) => callers.includes(called));
    if (circle)
      problems.add(`${file}: workflows call each other in a circle: ${[...callers, circle].join(' → ')}.`);
    // Paths are followed once every state is sound.
    else if (checkLinks(asl, add) && found.size === 0) {
      for (const called of calls) this.verdictOn(called, callers);
      try {
        bounds = explore(asl, {
          name,
          isRun,
          blocks: (called) => this.verdictOn(called, callers)?.summary,
          budget: newBudget(),
          add,
          require: (requirement) => void requirements.set(JSON.stringify(requirement), requirement),
        });
      } catch (error) {
        if (!(error instanceof TooInvolvedError)) throw error;
        problems.add(`${file}: ${error.message}`);
      }
      this.checkTimes(asl, timeoutSeconds, add);
    }
    const events = bounds.events + 2;
    if (events > mostEvents)
      problems.add(
        `${file}: an execution may write ${events} events, of ${mostEvents} that Step Functions allows. Move a loop into a block, or set its Map's ProcessorConfig.Mode to DISTRIBUTED.`,
      );
    return {
      problems: [...found.values()],
      isRun,
      bounds: { events, seconds: Math.min(bounds.seconds, timeoutSeconds) },
      calls,
      needsDecision: requirements.size > 0,
      summary: { requirements: [...requirements.values()], timeoutSeconds },
    };
  }

  /** No machine ends before a state of it does: its own end is caught, recorded and told, a machine's timeout is not. */
  private checkTimes(asl: Asl, machine: number, add: (state: string, what: string) => void): void {
    for (const [name, { Resource, Arguments, TimeoutSeconds }] of allStates(asl)) {
      if (typeof TimeoutSeconds !== 'number') continue;
      if (TimeoutSeconds > machine)
        add(
          name,
          `may take ${TimeoutSeconds} seconds, but the whole machine only ${machine}. Raise the machine's TimeoutSeconds.`,
        );
      const token = /"StateMachineArn":"\$\{([A-Za-z0-9]+)\}"/.exec(JSON.stringify(Arguments ?? ''))?.[1];
      const called = this.verdictOn(blockOf(token ?? '') ?? '');
      if (Resource?.endsWith(':startExecution')) {
        if (!called?.isRun || !called.calls.includes('approval-gate'))
          add(
            name,
            'starts something and does not wait for it. Only a run that asks people is left to itself; use states:startExecution.sync:2.',
          );
        continue;
      }
      const block = called?.summary.timeoutSeconds ?? 0;
      if (TimeoutSeconds < block)
        add(
          name,
          `gives the block ${TimeoutSeconds} seconds, which takes up to ${block}: it would be cut off before it can say why. Raise TimeoutSeconds.`,
        );
    }
  }
}

/**
 * Checks every definition on every path, blocks first, since what a block leaves to its callers is asked of them.
 * Those that are settled already are taken as they are.
 */
export const checkWorkflows = (
  definitions: Definitions,
  settled: Readonly<Record<string, Judged>> = {},
): Readonly<Record<string, Judged>> => {
  const suite = new Suite(definitions, settled);
  return Object.fromEntries(Object.keys(definitions).map((name) => [name, suite.verdictOn(name) as Judged]));
};

/** The definitions of a folder. */
export const readDefinitions = (folder: string): Definitions =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith(extension))
      .sort()
      .map((file) => [
        basename(file, extension),
        JSON.parse(readFileSync(join(folder, file), 'utf8')) as Asl,
      ]),
  );

const sound = new Set<string>();

/**
 * Refuses a folder whose workflows break a rule.
 *
 * @throws Error with every problem: file, state, reason and what to do
 */
export const requireSound = (folder: string): void => {
  const definitions = readDefinitions(folder);
  const text = JSON.stringify(definitions);
  // Tests make many stacks of the same files.
  if (sound.has(text)) return;
  const problems = Object.values(checkWorkflows(definitions)).flatMap((verdict) => verdict.problems);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  sound.add(text);
};
