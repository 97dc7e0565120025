import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../local/progress';
import { thisMachine } from '../local/toolchain/machine';
import { ensureOpenTofu } from '../local/toolchain/opentofu';
import { readCatalogue } from './catalogue-sources';

const root = join(__dirname, '..');
const target = join(root, 'lambdas', 'shared', 'catalogue.generated.json');

const progress: Progress = {
  step: (title, run) => {
    process.stderr.write(`${title}\n`);
    return run(() => {});
  },
  line: (text) => void process.stderr.write(`${text}\n`),
};

/** Writes the catalogue; with `--check` only says whether the written one is fresh. */
const main = async (): Promise<number> => {
  const tofu = await ensureOpenTofu(thisMachine(), progress);
  const text = `${JSON.stringify(readCatalogue(root, tofu), null, 2)}\n`;
  const written = existsSync(target) ? readFileSync(target, 'utf8') : '';
  if (text === written) return 0;
  if (process.argv.includes('--check')) {
    process.stderr.write(
      'catalogue.generated.json is out of date. Run `npx tsx scripts/generate-catalogue.ts` and commit the result.\n',
    );
    return 1;
  }
  writeFileSync(target, text);
  return 0;
};

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
