import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parseEnv } from '../shared/env';
import { makeLedgerConsumer } from '../shared/ledger-stream';
import { makeArchiveLedger } from './archive-ledger';
import { archiveLedgerEnv } from './env';

const env = parseEnv(archiveLedgerEnv);
const s3 = new S3Client({});
const archive = makeArchiveLedger({
  putLocked: async (key, body) => {
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: env.AUDIT_BUCKET,
          Key: key,
          Body: body,
          ContentType: 'application/json',
          IfNoneMatch: '*',
          ChecksumAlgorithm: 'SHA256',
        }),
      );
    } catch (error) {
      // The copy exists: the stream delivered this entry before.
      if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
    }
  },
});

export const handler = makeLedgerConsumer(archive);
