import { type ParseArgsConfig, parseArgs } from 'node:util';
import { plainText } from '../lambdas/shared/plain-text';
import { UsageError } from './usage-error';

/**
 * What was typed, by a command line's options.
 *
 * @param see says where the right form stands
 * @throws UsageError with the first thing that is wrong
 */
export const parseOptions = <O extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: O,
  see: string,
) => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const [sentence = ''] = (error as TypeError).message.split(/\. |\n/);
    throw new UsageError(`${plainText(sentence, 200).replace(/\.$/, '')}. ${see}`, { cause: error });
  }
};

/**
 * The deployed environment that was named, or that `ORCHESTRATOR_ENV` names.
 *
 * @throws UsageError when none is, or that is no environment's name
 */
export const requireEnvironment = (
  given: string | undefined,
  env: NodeJS.ProcessEnv,
  see: string,
): string => {
  const environment = given ?? env.ORCHESTRATOR_ENV ?? '';
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(environment))
    throw new UsageError(`Name the deployed environment with --env, e.g. --env poc. ${see}`);
  return environment;
};
