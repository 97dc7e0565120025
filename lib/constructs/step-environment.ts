import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

const lambdas = resolve(__dirname, '../../lambdas');

/** Set by the Lambda service or read by libraries, not by a step's own schema. */
const isForeign = (name: string): boolean => /^(AWS_|POWERTOOLS_|NODE_|TZ$)/.test(name);

/** The variables that `lambdas/<step>/env.ts` parses, or `undefined` when the step reads none. */
const schemaOf = (step: string): z.ZodObject | undefined => {
  const path = resolve(lambdas, step, 'env.ts');
  if (!existsSync(path)) return undefined;
  const exported: Record<string, unknown> = require(path);
  return Object.values(exported).find((value): value is z.ZodObject => value instanceof z.ZodObject);
};

/**
 * Compares what a function is given with what its code reads.
 *
 * @throws Error naming the variables that are missing or that nothing reads
 */
export const checkStepEnvironment = (step: string, environment: Readonly<Record<string, string>>): void => {
  const schema = schemaOf(step);
  if (!schema) return;
  const missing = Object.entries(schema.shape)
    .filter(
      ([name, type]) => !isForeign(name) && !(name in environment) && !z.safeParse(type, undefined).success,
    )
    .map(([name]) => name);
  if (missing.length > 0) throw new Error(`lambdas/${step} needs ${missing.join(', ')} in its environment.`);
  const unread = Object.keys(environment).filter((name) => !isForeign(name) && !(name in schema.shape));
  if (unread.length > 0) throw new Error(`lambdas/${step} does not read ${unread.join(', ')}.`);
};
