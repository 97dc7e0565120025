import { parse } from 'yaml';
import * as z from 'zod';
import type { Variables } from '../shared/contract';
import { describeIssues } from '../shared/define-step';
import { InvalidInputError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { type Content, readContent } from './content';

const parameterName = /^[a-z][a-z0-9_]{0,62}$/;

/** `step.yml`: what a script is for, what runs it, what it is given, and its bounds. */
const manifest = z.strictObject({
  description: z.string().min(3).max(500),
  interpreter: z.enum(['python', 'shell', 'powershell']),
  /** Lambda ends its functions after 15 minutes. */
  timeout_seconds: z.int().min(1).max(840).default(300),
  memory_mib: z.int().min(32).max(2048).default(256),
  network: z.boolean().default(false),
  parameters: z
    .record(z.string().regex(parameterName), z.looseObject({ no_log: z.boolean().optional() }))
    .default({}),
});
export type ScriptManifest = z.infer<typeof manifest>;

/** What an approver is shown on one page: the source of all files, escaped, far below the 6 MB of an answer. */
const most = { files: 32, kib: 256, fileKib: 56 };

/** The file that is run, by what runs it. */
export const mainFile: Readonly<Record<ScriptManifest['interpreter'], string>> = {
  python: 'main.py',
  shell: 'main.sh',
  powershell: 'main.ps1',
};

export interface Script {
  readonly content: Content;
  readonly manifest: ScriptManifest;
}

/**
 * Reads a script of the catalogue.
 *
 * @throws InvalidInputError when it is unknown, or its manifest or its main file does not fit.
 */
export const readScript = async (root: string, name: string): Promise<Script> => {
  const content = await readContent(root, 'script', name);
  const refuse = (why: string) => new InvalidInputError(`The script ${name} cannot be used: ${why}.`);
  const sizes = [...content.files.values()].map((bytes) => bytes.length / 1024);
  const [kib, largest] = [sizes.reduce((sum, size) => sum + size, 0), Math.max(0, ...sizes)];
  if (sizes.length > most.files || kib > most.kib || largest > most.fileKib)
    throw refuse(
      `it has ${sizes.length} files of ${Math.ceil(kib)} KiB together, the largest of ${Math.ceil(largest)} KiB; an approver can be shown ${most.files} files of ${most.fileKib} KiB each and ${most.kib} KiB together. Make it smaller`,
    );
  const file = content.files.get('step.yml');
  if (!file) throw refuse('it has no step.yml');
  let read: unknown;
  try {
    read = parse(file.toString('utf8'));
  } catch {
    throw refuse('its step.yml is no YAML');
  }
  const parsed = manifest.safeParse(read);
  if (!parsed.success) throw refuse(`its step.yml does not fit: ${describeIssues(parsed.error)}`);
  if (!content.files.has(mainFile[parsed.data.interpreter]))
    throw refuse(`it has no ${mainFile[parsed.data.interpreter]}`);
  return { content, manifest: parsed.data };
};

/**
 * Refuses parameters that the script does not declare.
 *
 * @throws InvalidInputError
 */
export const checkParameters = ({ content, manifest: declared }: Script, parameters: Variables): void => {
  const unknown = Object.keys(parameters).find((name) => !Object.hasOwn(declared.parameters, name));
  if (unknown !== undefined)
    throw new InvalidInputError(
      `The script ${content.name} has no parameter ${plainText(unknown, 80)}. Known: ${Object.keys(declared.parameters).sort().join(', ') || 'none'}.`,
    );
};
