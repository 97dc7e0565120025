import * as z from 'zod';
import { checkShape } from './check-plain-json';
import { InvalidInputError, StepError, TransientError } from './errors';
import { logger } from './logger';
import { mayPass } from './may-pass';
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

/** What of an error leaves the step: people and workflows read it, so it must not carry what was worked on. */
const outward = (error: unknown): Error => {
  if (error instanceof StepError) return error;
  if (!(error instanceof Error)) return new Error('The step broke.');
  if (mayPass(error))
    return new TransientError(
      `A service that the step needs was not available (${error.name}). Start again.`,
    );
  const said =
    error instanceof z.ZodError
      ? describeIssues(error)
      : error instanceof SyntaxError
        ? 'something that was read is malformed'
        : (error.message.split('\n', 1)[0] ?? '');
  return Object.assign(new Error(plainText(said, 300)), { name: error.name });
};

/**
 * Turns a step's logic into a Lambda handler: the input is checked before, the output after.
 *
 * Errors keep their name, which Step Functions matches on; what may pass becomes a {@link TransientError}, which it
 * tries again. Anything that is not a {@link StepError} is logged whole and leaves as its name and first line only.
 */
export const defineStep =
  <I extends z.ZodType, O extends z.ZodType>(step: StepDefinition<I, O>) =>
  async (event: unknown, context: LambdaContext): Promise<z.infer<O>> => {
    checkShape(event);
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
        // What was read stands in a syntax error's own message.
        logger.error('step broke', (error instanceof SyntaxError ? outward(error) : error) as Error);
      }
      throw outward(error);
    }
  };
