import { StepError, TransientError } from '../shared/errors';
import type { Strategy } from './strategy';

/**
 * What a strategy throws on purpose goes on; of anything else only its name does, as its message may hold what was
 * worked on.
 */
export const guardStrategy = (strategy: Strategy): Strategy => {
  const guard =
    <Args extends unknown[], Result>(what: string, call: (...args: Args) => Result | Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof StepError) throw error;
        const name = error instanceof Error ? error.name : 'Error';
        throw new TransientError(
          `The strategy ${strategy.name} broke when it was to ${what} (${name}). Start again; if it stays, look at the target.`,
        );
      }
    };
  return {
    name: strategy.name,
    make: guard('make the next value', (current) => strategy.make(current)),
    set: guard('set the pending value', (of) => strategy.set(of)),
    test: guard('test the new value', (of) => strategy.test(of)),
    works: guard('try a value', (value) => strategy.works(value)),
    users: guard('look for users of the previous value', (previous) => strategy.users(previous)),
    retire: guard('retire a value', (of) => strategy.retire(of)),
  };
};
