import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { StateRescuedError, TerraformError } from '../shared/errors';
import { logger } from '../shared/logger';
import { rescueKey } from '../shared/rescue-key';
import type { Artifacts } from './artifacts';
import type { Tofu } from './tofu';

/** What OpenTofu leaves readable of a state that it encrypted. */
const encryptedState = z.object({ serial: z.int(), lineage: z.string(), encrypted_data: z.string().min(1) });

const attempts = 5;

const isEncrypted = (bytes: Uint8Array): boolean => {
  try {
    return encryptedState.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).success;
  } catch {
    return false;
  }
};

/**
 * Keeps the state that OpenTofu could not store at its place, if there is one: as OpenTofu encrypted it, where the
 * lock doctor finds it. It is never kept in clear.
 *
 * @throws StateRescuedError when it is kept; TerraformError when it could not be
 */
export const rescueState = async (
  artifacts: Pick<Artifacts, 'put'>,
  workspace: string,
  tofu: Pick<Tofu, 'erroredState'>,
  pause: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<void> => {
  const bytes = await tofu.erroredState();
  if (!bytes) return;
  const lost = `The state of ${workspace} could not be stored after the apply`;
  if (!isEncrypted(bytes))
    throw new TerraformError(`${lost}, and not be rescued: OpenTofu had not encrypted it.`);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      await artifacts.put(rescueKey(workspace), bytes, 'application/json');
      throw new StateRescuedError(
        `${lost}. It lies, encrypted, at ${rescueKey(workspace)} in the artifacts bucket, from where the lock doctor restores it.`,
      );
    } catch (error) {
      if (error instanceof StateRescuedError) throw error;
      logger.error('the state was not rescued', { workspace, attempt, code: (error as Error).name });
      if (attempt < attempts) await pause(200 * 2 ** attempt);
    }
  }
  throw new TerraformError(
    `${lost}, and not be rescued either. What was applied is known to its provider alone: import it, or remove it by hand.`,
  );
};

/**
 * Nothing is planned against a state whose successor waits to be restored.
 *
 * @throws StateRescuedError
 */
export const requireNothingRescued = async (
  artifacts: Pick<Artifacts, 'find'>,
  workspace: string,
): Promise<void> => {
  if ((await artifacts.find(rescueKey(workspace))) !== undefined)
    throw new StateRescuedError(
      `A state of ${workspace} that could not be stored waits at ${rescueKey(workspace)} in the artifacts bucket; nothing is planned before the lock doctor has restored it.`,
    );
};
