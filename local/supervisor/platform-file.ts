import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../hosts/write-file-atomically';
import { isAlive, processIdentity } from './process-identity';

/** What a running platform tells whoever wants to use it. */
export const platformFile = z.strictObject({
  supervisor: processIdentity,
  /** Dies with the supervisor, but may need a moment to save its state. */
  emulator: processIdentity,
  /** Nobody's child: it stays when the command that started it ends. */
  keep: z.boolean(),
  stateDir: z.string(),
  gatewayUrl: z.url(),
  hostControllerUrl: z.url(),
  hostControllerTokenFile: z.string(),
  inboxUrl: z.url(),
});
export type PlatformFile = z.infer<typeof platformFile>;

const fileIn = (stateDir: string): string => join(stateDir, 'platform.json');

export const writePlatformFile = (platform: PlatformFile): Promise<void> =>
  writeFileAtomically(fileIn(platform.stateDir), `${JSON.stringify(platform, null, 2)}\n`);

export const removePlatformFile = (stateDir: string): Promise<void> => rm(fileIn(stateDir), { force: true });

/** What was written last, whether it still runs or not. */
export const readLastPlatform = async (stateDir: string): Promise<PlatformFile | null> => {
  try {
    return platformFile.parse(JSON.parse(await readFile(fileIn(stateDir), 'utf8')));
  } catch {
    return null;
  }
};

/** The platform that runs on this state now; what a dead one left behind is none. */
export const readPlatformFile = async (stateDir: string): Promise<PlatformFile | null> => {
  const platform = await readLastPlatform(stateDir);
  return platform && isAlive(platform.supervisor) ? platform : null;
};
