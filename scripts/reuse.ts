import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AslDefinition } from '../lib/constructs/asl-definition';
import { pascal } from '../lib/constructs/compose-workflows';
import { withSection } from './catalogue-pages';

const root = join(__dirname, '..');

/** A whole that other workflows use a part of. */
interface Share {
  readonly reused: number;
  readonly total: number;
}

/** How much of a workflow is used by others too. */
export interface Reuse {
  readonly workflow: string;
  readonly states: Share;
  readonly blocks: Share;
  readonly steps: Share;
  readonly lines: Share;
}

const linesOf = (path: string): number => readFileSync(path, 'utf8').trimEnd().split('\n').length;

const linesBelow = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + linesOf(join(entry.parentPath, entry.name)), 0);

const fileOf = (workflow: string): string => join(root, 'workflows', `${workflow}.asl.json`);
const contractOf = (workflow: string): string => join(root, 'lambdas/begin-run/startable', `${workflow}.ts`);
const foldersIn = (path: string): string[] => readdirSync(join(root, path));

/** The folder of a function by its token: all of the runner's are one program. */
const stepOf = (token: string): string | undefined => {
  const [, name] = /^(.+)FunctionArn$/.exec(token) ?? [];
  if (name === undefined) return undefined;
  if (name.endsWith('Runner')) return 'runners';
  return foldersIn('lambdas').find((folder) => pascal(folder) === name);
};

/** A state as it is, but for what a workflow says of itself. */
const stateText = (workflow: string, state: unknown): string =>
  JSON.stringify(state)
    .replaceAll(`'${workflow}'`, "'workflow'")
    .replace(/"Comment":"(?:[^"\\]|\\.)*",/, '');

interface Reached {
  readonly states: ReadonlySet<string>;
  readonly blocks: ReadonlySet<string>;
  readonly steps: ReadonlySet<string>;
  /** Files and folders of its own making, with their lines. */
  readonly sources: ReadonlyMap<string, number>;
}

const reach = (workflow: string): Reached => {
  const names = foldersIn('workflows')
    .filter((file) => file.endsWith('.asl.json'))
    .map((file) => basename(file, '.asl.json'));
  const blocks = new Set<string>();
  const steps = new Set<string>();
  const states = new Set<string>();
  const sources = new Map<string, number>();
  const visit = (name: string): void => {
    const { tokens, asl } = AslDefinition.fromFile(fileOf(name));
    sources.set(`workflows/${name}`, linesOf(fileOf(name)));
    for (const [title, state] of Object.entries(asl.States))
      states.add(name === workflow ? stateText(workflow, [title, state]) : `${name}: ${title}`);
    for (const token of tokens) {
      const block = names.find((one) => token === `${pascal(one)}StateMachineArn`);
      const step = stepOf(token);
      if (step) steps.add(step);
      if (block && !blocks.has(block)) {
        blocks.add(block);
        visit(block);
      }
    }
  };
  visit(workflow);
  const contracts = linesBelow(join(root, 'lambdas/begin-run/startable'));
  for (const step of steps)
    sources.set(
      `lambdas/${step}`,
      linesBelow(join(root, 'lambdas', step)) - (step === 'begin-run' ? contracts : 0),
    );
  if (existsSync(contractOf(workflow))) {
    const contract = readFileSync(contractOf(workflow), 'utf8');
    sources.set(contractOf(workflow), linesOf(contractOf(workflow)));
    for (const role of foldersIn('ansible/roles'))
      if (contract.includes(`'${role}'`))
        sources.set(`ansible/roles/${role}`, linesBelow(join(root, 'ansible/roles', role)));
  }
  return { states, blocks, steps, sources };
};

const share = (own: Iterable<string>, others: readonly ReadonlySet<string>[]): Share => {
  const all = [...own];
  return { total: all.length, reused: all.filter((one) => others.some((other) => other.has(one))).length };
};

/** Of each workflow that people start, what others use as well. */
export const reuse = (): Reuse[] => {
  const started = foldersIn('lambdas/begin-run/startable')
    .map((file) => basename(file, '.ts'))
    .filter((name) => existsSync(fileOf(name)));
  const reached = new Map(started.map((name) => [name, reach(name)]));
  return [...reached].map(([workflow, { states, blocks, steps, sources }]) => {
    const others = [...reached].flatMap(([name, one]) => (name === workflow ? [] : [one]));
    const isReused = (source: string): boolean => others.some((one) => one.sources.has(source));
    const lines = [...sources];
    const sum = (of: typeof lines): number => of.reduce((total, [, count]) => total + count, 0);
    return {
      workflow,
      states: share(
        states,
        others.map((one) => one.states),
      ),
      blocks: share(
        blocks,
        others.map((one) => one.blocks),
      ),
      steps: share(
        steps,
        others.map((one) => one.steps),
      ),
      lines: { total: sum(lines), reused: sum(lines.filter(([source]) => isReused(source))) },
    };
  });
};

const shareText = ({ reused, total }: Share): string => (total === 0 ? 'none' : `${reused} of ${total}`);

/** Lines change with every commit: to the whole percent, so that the page does not. */
const percentText = ({ reused, total }: Share): string => `${Math.floor((100 * reused) / total)} %`;

const page = 'docs/database-provisioning.md';

/** The page that says so, with its table made anew. */
export const reusePage = (): Record<string, string> => {
  const rows = reuse().map(
    ({ workflow, states, blocks, steps, lines }) =>
      `| \`${workflow}\` | ${[states, blocks, steps].map(shareText).join(' | ')} | ${percentText(lines)} |`,
  );
  const table = ['| workflow | states | blocks | steps | lines |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
  const text = readFileSync(join(root, page), 'utf8');
  return { [page]: withSection(text, 'reuse', table) };
};
