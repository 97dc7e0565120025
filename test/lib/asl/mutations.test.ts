import { join } from 'node:path';
import type { Asl } from '../../../lib/asl/asl';
import { checkWorkflows, readDefinitions } from '../../../lib/asl/check-workflows';
import { mutantsOf } from './mutate';

/** What is wrong with a loop is wrong with it at its third turn; a hundred turns of each mutant would take hours. */
const withShortLoops = (asl: Asl): Asl =>
  JSON.parse(JSON.stringify(asl).replaceAll(/\$turns < \d+/g, '$turns < 3'));

const definitions = Object.fromEntries(
  Object.entries(readDefinitions(join(__dirname, '../../../workflows'))).map(([name, asl]) => [
    name,
    withShortLoops(asl),
  ]),
);
const verdicts = checkWorkflows(definitions);

test.each(Object.keys(definitions))(
  '%s passes, and each thing broken in it is found',
  (name) => {
    expect(verdicts[name]?.problems).toEqual([]);
    const { [name]: _, ...settled } = verdicts;
    const mutants = mutantsOf(name, definitions[name] as (typeof definitions)[string]);
    const missed = mutants
      .filter(({ asl }) => checkWorkflows({ [name]: asl }, settled)[name]?.problems.length === 0)
      // What a block leaves to its callers is found in them.
      .filter(({ asl }) =>
        Object.values(checkWorkflows({ ...definitions, [name]: asl })).every(
          ({ problems }) => problems.length === 0,
        ),
      );
    expect(missed.map(({ what }) => what)).toEqual([]);
  },
  120_000,
);
