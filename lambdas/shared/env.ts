import type { z } from 'zod';

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
  const names = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))];
  throw new Error(`Environment variables missing or malformed: ${names.join(', ')}`);
};
