import type * as z from 'zod';
import { CredentialFormatError } from '../errors';

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * The fields of a credential's value.
 *
 * @param what is rotated, for people, e.g. `a secret-id of an AppRole`
 * @throws CredentialFormatError naming fields, never what stands in them
 */
export const parseValue = <T>(schema: z.ZodType<T>, value: string, what: string): T => {
  const read = schema.safeParse(parseJson(value));
  if (read.success) return read.data;
  const fields = [...new Set(read.error.issues.map(({ path }) => String(path[0] ?? '')))].filter(Boolean);
  throw new CredentialFormatError(
    fields.length === 0
      ? `The value is no JSON object, so it is not ${what}.`
      : `The value is not ${what}: ${fields.join(', ')} is missing or wrong.`,
  );
};
