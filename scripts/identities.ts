import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadEnvironment } from '../lib/config/load-environment';
import { createProgress } from '../local/progress';
import { ensureToolchain } from '../local/toolchain/toolchain';
import { exitWith } from './exit-with';
import { assess } from './identities/assess';
import { identitiesTables, undescribed, withTables } from './identities/page';
import { lostGrants, violations } from './identities/violations';

const page = join(resolve(__dirname, '..'), 'docs/identities.md');

/** Asks the simulator about every identity, says what is not as it is meant, and writes the tables of the docs. */
const main = async (): Promise<number> => {
  const { pythonBin } = await ensureToolchain(createProgress(), { needHosts: false });
  const assessed = assess(loadEnvironment('prod'), pythonBin);
  const { lost } = lostGrants(assessed);
  const wrong = [
    ...violations(assessed.answers),
    ...lost,
    ...undescribed(assessed.answers).map(
      (name) => `scripts/identities/descriptions.ts is not right about ${name}.`,
    ),
  ];
  for (const sentence of wrong) process.stderr.write(`${sentence}\n`);
  if (wrong.length > 0) return 1;
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), identitiesTables(assessed.answers)));
  return 0;
};

exitWith(main);
