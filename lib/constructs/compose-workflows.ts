import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AslDefinition } from './asl-definition';
import { type Binding, bindBlock, bindStart, type Workflow } from './workflow';

const extension = '.asl.json';
const blockToken = /^(.+)StateMachineArn$/;

/** `terraform-plan` → `TerraformPlan`. */
export const pascal = (kebab: string): string =>
  kebab.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

const filesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .sort();

/** The workflows of a folder that use a token. */
export const workflowsUsing = (folder: string, token: string): string[] =>
  filesIn(folder)
    .filter((file) => AslDefinition.fromFile(join(folder, file)).tokens.has(token))
    .map((file) => basename(file, extension));

/** What a folder of workflows is deployed as. */
export interface ComposedWorkflows {
  /** Those that begin a run, and so are started by people and reconciled. */
  readonly started: readonly Workflow[];
  /** Blocks, and what needs no run. */
  readonly others: readonly Workflow[];
}

/**
 * Deploys every file of a folder, blocks before those that call them. A file gets the bindings that it names, and no
 * other: `${TerraformPlanStateMachineArn}` is the machine of `terraform-plan.asl.json`, everything else stands in
 * `parts`. So a new file is a new workflow, without a line of code.
 *
 * @throws Error when files call each other in a circle
 */
export const composeWorkflows = (
  folder: string,
  parts: Readonly<Record<string, Binding>>,
  deploy: (name: string, file: string, bindings: Readonly<Record<string, Binding>>) => Workflow,
): ComposedWorkflows => {
  const files = filesIn(folder);
  const names = new Map(files.map((file) => [pascal(basename(file, extension)), basename(file, extension)]));
  const composed = new Map<string, Workflow>();
  const started = new Set<Workflow>();

  const compose = (name: string, callers: readonly string[]): Workflow => {
    const known = composed.get(name);
    if (known) return known;
    if (callers.includes(name))
      throw new Error(`Workflows call each other in a circle: ${[...callers, name].join(' → ')}.`);
    const file = join(folder, `${name}${extension}`);
    const definition = AslDefinition.fromFile(file);
    const { tokens } = definition;
    const bindings: Record<string, Binding> = {};
    for (const token of tokens) {
      const block = names.get(blockToken.exec(token)?.[1] ?? '');
      const bind = definition.waitsFor(token) ? bindBlock : bindStart;
      const binding = block ? bind(compose(block, [...callers, name])) : parts[token];
      if (binding) bindings[token] = binding;
    }
    const workflow = deploy(name, file, bindings);
    composed.set(name, workflow);
    if (tokens.has('BeginRunFunctionArn')) started.add(workflow);
    return workflow;
  };
  const all = [...names.values()].map((name) => compose(name, []));
  return { started: [...started], others: all.filter((workflow) => !started.has(workflow)) };
};
