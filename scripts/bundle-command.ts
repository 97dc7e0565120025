import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { exitWith } from './exit-with';

const root = resolve(__dirname, '..');

/** Makes `main.ts` of a folder of `cli/` one file that runs without this repository, beside what is `external`. */
export const bundleCommand = async (
  folder: string,
  external: readonly string[],
  outfile: string,
): Promise<void> => {
  await build({
    stdin: {
      contents:
        "import { main } from './main';\nvoid main(process.argv.slice(2)).then((code) => { process.exitCode = code; });",
      resolveDir: join(root, 'cli', folder),
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    external: [...external],
    logLevel: 'warning',
  });
};

/** Writes the file `.build/<name>`, and says where it is. */
export const bundleInto = (name: string, bundle: (outfile: string) => Promise<void>): void =>
  exitWith(async () => {
    const outfile = join(root, '.build', name);
    await bundle(outfile);
    process.stdout.write(`${relative(process.cwd(), outfile)}\n`);
    return 0;
  });
