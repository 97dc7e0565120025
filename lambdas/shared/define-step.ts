import type { z } from 'zod';
import { InvalidInputError, StepError } from './errors';
import { logger } from './logger';
import { plainText } from './plain-text';

/** The part of the Lambda context a step may use. */
export interface StepContext {
  /** Milliseconds until the platform ends this invocation. */
  readonly remainingTimeMs: () => number;
}

interface StepDefinition<I extends z.ZodType, O extends z.ZodType> {
  readonly input: I;
  readonly output: O;
  readonly run: (input: z.infer<I>, context: StepContext) => Promise<z.infer<O>>;
}

interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/** Names the fields that are wrong, in a sentence; shows no value, as a value may be a secret. */
export const describeIssues = (error: z.ZodError): string =>
  error.issues
    .slice(0, 10)
    .map(
      (issue) =>
        `${plainText(issue.path.map(String).join('.') || 'input', 200)}: ${plainText(issue.message, 300)}`,
    )
    .join('; ');

/**
 * Turns a step's logic into a Lambda handler: the input is checked before, the output after.
 *
 * Errors keep their name, which Step Functions matches on. Anything that is not a {@link StepError}
 * is logged whole and reaches the user as its name and first line only.
 */
export const defineStep =
  <I extends z.ZodType, O extends z.ZodType>(step: StepDefinition<I, O>) =>
  async (event: unknown, context: LambdaContext): Promise<z.infer<O>> => {
    const parsed = step.input.safeParse(event);
    if (!parsed.success)
      throw new InvalidInputError(`The input does not fit. ${describeIssues(parsed.error)}`);
    try {
      const output = await step.run(parsed.data, {
        remainingTimeMs: () => context.getRemainingTimeInMillis(),
      });
      logger.info('step succeeded');
      return step.output.parse(output);
    } catch (error) {
      if (error instanceof StepError) {
        logger.warn('step refused or failed', { code: error.name, reason: error.message });
      } else {
        logger.error('step broke', error as Error);
      }
      throw error;
    }
  };
