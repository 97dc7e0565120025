import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { makeSendRequest } from '../channels/send-request';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { logger } from '../shared/logger';
import { countMetric, type MetricName } from '../shared/metric';
import { resolvePublicHost } from '../shared/public-host';
import { makeAskWitnesses } from './ask-witnesses';
import { makeCheckpointLedger } from './checkpoint-ledger';
import { makeCheckpointStore } from './checkpoint-store';
import { makeCheckpointTenant } from './checkpoint-tenant';
import { checkpointLedgerInput, checkpointLedgerOutput, witnessMetric } from './contract';
import { checkpointLedgerEnv } from './env';
import { makeLedgerReader } from './ledger-reader';
import { makeLogSigner } from './log-signer';

const env = parseEnv(checkpointLedgerEnv);
const checkpoints = makeCheckpointStore({ s3: new S3Client({}), bucket: env.AUDIT_BUCKET });
const count = (metric: MetricName, times?: number): void =>
  countMetric((line) => process.stdout.write(line), metric, new Date(), times);

export const handler = defineStep({
  input: checkpointLedgerInput,
  output: checkpointLedgerOutput,
  run: makeCheckpointLedger({
    tenants: checkpoints.tenants,
    checkpointTenant: makeCheckpointTenant({
      reader: makeLedgerReader({ client: makeDocumentClient(), table: env.LEDGER_TABLE }),
      checkpoints,
      signer: makeLogSigner({ kms: new KMSClient({}), keyArn: env.LEDGER_KEY_ARN, name: env.LEDGER_ORIGIN }),
      origin: env.LEDGER_ORIGIN,
      cosign: makeAskWitnesses({
        witnesses: env.WITNESSES,
        sendRequest: makeSendRequest({
          resolve: resolvePublicHost,
          loopback: env.LOOPBACK,
          timeoutMs: 10_000,
          maxAnswerBytes: 64 * 1024,
        }),
        onSilent: (about) => {
          logger.warn('a witness did not cosign a checkpoint', about);
          count(witnessMetric);
        },
      }),
      maxEntries: 50_000,
    }),
    count,
  }),
});
