import * as z from 'zod';

/** A variable that holds JSON, to be piped into its shape. */
export const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('no JSON');
    return z.NEVER;
  }
});

/**
 * Parses a function's environment once, at cold start.
 *
 * @throws Error naming the variables that are missing or malformed, never their values.
 */
export const parseEnv = <T extends z.ZodType>(
  schema: T,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<T> => {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const names = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
  throw new Error(`Environment variables missing or malformed: ${names.join(', ')}`);
};
