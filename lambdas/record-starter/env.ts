import * as z from 'zod';
import { jsonText } from '../shared/env';
import { knownPerson, ownStarter, principalRule } from './contract';

export const recordStarterEnv = z.object({
  RUNS_TABLE: z.string(),
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  SEND_CALLBACK_FUNCTION: z.string(),
  ACCOUNT_ID: z.string(),
  /** JSON: `[{"principal": "sso/Operator/{person}", "groups": ["operator"]}]`. */
  PRINCIPALS: jsonText.pipe(z.array(principalRule)),
  /** JSON: `[{"role": "…", "system": "github"}]`. */
  OWN_STARTERS: jsonText.pipe(z.array(ownStarter)),
  /** JSON: `[{"id": "alex", "email": "alex@example.com", "groups": ["approver"]}]`: one person has one id. */
  PEOPLE: jsonText.pipe(z.array(knownPerson)),
});
