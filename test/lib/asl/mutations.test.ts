import { join } from 'node:path';
import { checkWorkflows, readDefinitions } from '../../../lib/asl/check-workflows';
import { mutantsOf } from './mutate';

const definitions = readDefinitions(join(__dirname, '../../../workflows'));
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
