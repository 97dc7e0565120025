import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { plainText } from '../lambdas/shared/plain-text';

const suffix = '.asl.json';
const folder = join(__dirname, '..', 'workflows');

/** Names of all workflows and blocks, in alphabetical order. */
export const workflowNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .sort();

/**
 * The example input that stands at the end of a workflow's `Comment`, as `Example input: {…}`.
 *
 * @throws InvalidInputError when no such workflow exists; it lists those that do.
 */
export const exampleInput = (workflow: string): Readonly<Record<string, JsonValue>> => {
  assertKnown(workflow);
  const { Comment: comment } = JSON.parse(readFileSync(join(folder, workflow + suffix), 'utf8'));
  const found = /Example input: (\{.*\})\s*$/s.exec(String(comment));
  if (!found?.[1])
    throw new Error(`workflows/${workflow}${suffix} ends its Comment without "Example input: {…}".`);
  return JSON.parse(found[1]);
};

/** @throws InvalidInputError when no such workflow exists; it lists those that do. */
export const assertKnown = (workflow: string): void => {
  const names = workflowNames();
  if (!names.includes(workflow))
    throw new InvalidInputError(
      `There is no workflow "${plainText(workflow, 80)}". Known: ${names.join(', ')}.`,
    );
};

/** Whether a workflow begins a run, and so checks its input in its first step. */
export const beginsRun = (workflow: string): boolean =>
  workflowNames().includes(workflow) &&
  readFileSync(join(folder, workflow + suffix), 'utf8').includes('${BeginRunFunctionArn}');
