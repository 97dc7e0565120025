import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Asl } from '../lib/asl/asl';
import { checkWorkflows, readDefinitions, type Verdict } from '../lib/asl/check-workflows';
import { exitWith } from './exit-with';
import { lasting } from './workflow-docs/lasting';

const folder = join(__dirname, '../workflows');

const line = (name: string, { bounds, problems }: Verdict): string =>
  `${problems.length === 0 ? '✓' : '✗'} ${name}: at most ${lasting(bounds.seconds)}, ${bounds.events} events`;

/** Checks the workflows, or those files together with them, and says what each comes to at most. */
const main = async (): Promise<number> => {
  const given = Object.fromEntries(
    process.argv
      .slice(2)
      .map((file) => [basename(file, '.asl.json'), JSON.parse(readFileSync(resolve(file), 'utf8')) as Asl]),
  );
  const verdicts = Object.entries(checkWorkflows({ ...readDefinitions(folder), ...given })).filter(
    ([name]) => Object.keys(given).length === 0 || Object.hasOwn(given, name),
  );
  for (const [name, verdict] of verdicts) process.stdout.write(`${line(name, verdict)}\n`);
  const problems = verdicts.flatMap(([, verdict]) => verdict.problems);
  if (problems.length > 0) process.stderr.write(`\n${problems.join('\n\n')}\n`);
  return problems.length === 0 ? 0 : 1;
};

exitWith(main);
