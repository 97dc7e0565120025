import * as z from 'zod';
import { jsonText } from '../shared/env';
import { configurationInForce } from './contract';

export const recordConfigurationEnv = z.object({
  LEDGER_TABLE: z.string(),
  /** JSON: {@link configurationInForce}. */
  IN_FORCE: jsonText.pipe(configurationInForce),
});
