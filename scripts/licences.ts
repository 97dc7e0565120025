import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitWith } from './exit-with';
import { refusedLicences } from './licences/judge';

/** Says which packages have a licence that scripts/licences/judge.ts does not allow. */
const main = async (): Promise<number> => {
  const { packages } = JSON.parse(readFileSync(join(__dirname, '../package-lock.json'), 'utf8'));
  const refused = refusedLicences(packages);
  for (const sentence of refused) process.stderr.write(`${sentence}\n`);
  return refused.length === 0 ? 0 : 1;
};

exitWith(main);
