import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine';
import { runOrExplain } from './run-or-explain';
import { MissingToolError } from './toolchain-error';

/** A program whose source, with all its modules, a committed go.mod and go.sum pin. */
export interface GoProgram {
  /** For people, e.g. `OpenTofu 1.12.6`. */
  readonly title: string;
  /** The file that the build makes. */
  readonly name: string;
  readonly package: string;
  readonly flags: readonly string[];
  /** The folder beside this file with go.mod and go.sum. */
  readonly modules: string;
  /** What a person can do who has no Go, as a sentence. */
  readonly withoutGo: string;
  /** How long a build takes, e.g. `about ten minutes`. */
  readonly duration: string;
}

/** Builds the program into the folder; the reason, where there is one, is why its release could not be downloaded. */
export const buildGoProgram = async (
  machine: Machine,
  program: GoProgram,
  folder: string,
  note: (text: string) => void,
  reason?: string,
): Promise<void> => {
  const go = machine.find('go');
  if (!go)
    throw new MissingToolError(
      `${program.title} ${reason === undefined ? 'is built from its source' : `could not be downloaded (${reason})`}, and Go, which could build it, is not installed. ${program.withoutGo}`,
    );
  note(`building from source, which takes ${program.duration}, once`);
  const source = join(folder, 'source');
  mkdirSync(source);
  for (const name of ['go.mod', 'go.sum'])
    copyFileSync(join(__dirname, program.modules, name), join(source, name));
  await runOrExplain(
    machine,
    `Building ${program.title}`,
    go,
    ['build', '-trimpath', ...program.flags, '-o', join(folder, program.name), program.package],
    {
      cwd: source,
      env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      onLine: (line) => note(line.slice(0, 60)),
    },
  );
  await machine.run('rm', ['-rf', source]);
};
