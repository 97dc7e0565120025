import { z } from 'zod';
import { platformFile } from './platform-file';

/** What a supervisor is started with, as its one argument in JSON. */
export const supervisorOptions = z.strictObject({
  stateDir: z.string().startsWith('/'),
  keep: z.boolean(),
  toolchain: z.object({
    pythonBin: z.string(),
    pythonBinDir: z.string(),
    tofuBin: z.string(),
    tofuBinDir: z.string(),
    opaBinDir: z.string(),
    baseImageDir: z.string(),
    cacheDir: z.string(),
  }),
});
export type SupervisorOptions = z.infer<typeof supervisorOptions>;

/** What it says on its standard output, one JSON object a line, until it is ready or has failed. */
export const supervisorMessage = z.union([
  z.strictObject({ progress: z.string() }),
  z.strictObject({ ready: platformFile }),
  z.strictObject({ failed: z.strictObject({ code: z.string(), message: z.string() }) }),
]);
export type SupervisorMessage = z.infer<typeof supervisorMessage>;

/** Exit code when another supervisor holds the state. */
export const STATE_IN_USE_EXIT_CODE = 75;
