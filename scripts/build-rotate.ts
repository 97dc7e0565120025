/** Makes the rotation without AWS one file for whoever has Node and not this repository: `npm run build:rotate`. */
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { exitWith } from './exit-with';

const root = resolve(__dirname, '..');

export const buildRotate = async (outfile: string): Promise<void> => {
  await build({
    stdin: {
      contents:
        "import { main } from './main';\nvoid main(process.argv.slice(2)).then((code) => { process.exitCode = code; });",
      resolveDir: join(root, 'cli/rotate'),
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    external: ['pg-native'],
    logLevel: 'warning',
  });
};

if (require.main === module)
  exitWith(async () => {
    const outfile = join(root, '.build/orchestrator-rotate.cjs');
    await buildRotate(outfile);
    process.stdout.write(`${relative(process.cwd(), outfile)}\n`);
    return 0;
  });
