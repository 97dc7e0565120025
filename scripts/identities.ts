import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createProgress } from '../local/progress';
import { ensureToolchain } from '../local/toolchain/toolchain';
import { exitWith } from './exit-with';
import { assess, describedEnvironment } from './identities/assess';
import { identitiesTables, peopleTables, undescribed, withTables } from './identities/page';
import { lostGrants, violations } from './identities/violations';

const pageCalled = (name: string): string => join(resolve(__dirname, '..'), 'docs', name);

/** Asks the simulator about every identity, says what is not as it is meant, and writes the tables of the docs. */
const main = async (): Promise<number> => {
  const { pythonBin } = await ensureToolchain(createProgress(), { needHosts: false });
  const assessed = assess(describedEnvironment(), pythonBin);
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
  const tables = {
    'identities.md': identitiesTables(assessed.answers),
    'roles.md': peopleTables(assessed.answers, assessed.commands()),
  };
  for (const [name, text] of Object.entries(tables)) {
    const page = pageCalled(name);
    writeFileSync(page, withTables(readFileSync(page, 'utf8'), text));
  }
  return 0;
};

exitWith(main);
