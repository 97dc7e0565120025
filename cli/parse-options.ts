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
