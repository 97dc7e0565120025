import { CredentialFormatError, CredentialNotFoundError } from './errors';
import type { InFlight } from './in-flight';
import type { Strategy } from './strategy';

const isRotatedBy = async (strategy: Strategy, value: string): Promise<boolean> => {
  try {
    await strategy.make(value);
    return true;
  } catch (error) {
    if (error instanceof CredentialFormatError) return false;
    throw error;
  }
};

const textOf = async ({ deps, credential }: InFlight, version: string): Promise<string | undefined> => {
  try {
    return await deps.store.read(credential.id, version);
  } catch (error) {
    // A version without a text: what Secrets Manager has made for its own rotation and nobody filled, or bytes.
    if (error instanceof CredentialNotFoundError) return undefined;
    throw error;
  }
};

/** Whether a version has a value. */
export const hasValue = async (of: InFlight, version: string): Promise<boolean> =>
  (await textOf(of, version)) !== undefined;

/**
 * Does `work` with the value of a version that is left over or was replaced. What its strategy does not rotate at all, such
 * as a text that is no JSON, its target never accepted: nothing is done with it, and nothing comes back.
 */
export const withFormer = async <T>(
  of: InFlight,
  version: string,
  work: (value: string) => Promise<T>,
): Promise<T | undefined> => {
  const value = await textOf(of, version);
  if (value === undefined) return undefined;
  try {
    return await work(value);
  } catch (error) {
    if (!(error instanceof CredentialFormatError) || (await isRotatedBy(of.strategy, value))) throw error;
    return undefined;
  }
};
