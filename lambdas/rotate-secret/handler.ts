import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { makeEngine } from '../rotation/engine';
import { measureRotation } from '../rotation/measure';
import { scopeOf } from '../rotation/scope';
import { makeSecretsManagerStore } from '../rotation/secrets-manager-store';
import { strategies } from '../rotation/strategies/strategies';
import { makeTableJournal } from '../rotation/table-journal';
import { tellLedger } from '../rotation/tell-ledger';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { nativeRotation, rotateSecretInput, rotateSecretOutput } from './contract';
import { rotateSecretEnv } from './env';
import { makeRotateNatively } from './rotate-natively';
import { makeRotateSecret } from './rotate-secret';

const env = parseEnv(rotateSecretEnv);
const scope = scopeOf(env);
const client = makeDocumentClient();
const record = tellLedger(makeImpersonalLedger({ client, table: env.LEDGER_TABLE }));
const engine = makeEngine({
  store: makeSecretsManagerStore(new SecretsManagerClient({}), scope),
  journal: makeTableJournal({ client, credentialsTable: env.CREDENTIALS_TABLE }),
  strategies,
  now: () => new Date(),
  tell: async (event) => {
    await record(event);
    measureRotation((line) => process.stdout.write(line), event);
  },
});
const rotateSecret = makeRotateSecret({ engine, scope });
const rotateNatively = makeRotateNatively(engine);

/** The workflow's step, or one of the four that Secrets Manager calls itself. */
export const handler = defineStep({
  input: z.union([rotateSecretInput, nativeRotation]),
  output: rotateSecretOutput.nullable(),
  run: async (input) => {
    if ('step' in input && 'credential' in input) return rotateSecret(rotateSecretInput.parse(input));
    await rotateNatively(nativeRotation.parse(input));
    return null;
  },
});
