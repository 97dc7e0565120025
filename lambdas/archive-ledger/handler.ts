import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { parseEnv } from '../shared/env';
import { logger } from '../shared/logger';
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

export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const items = event.Records.flatMap((record) =>
    record.dynamodb?.NewImage && record.dynamodb.SequenceNumber
      ? [
          {
            sequenceNumber: record.dynamodb.SequenceNumber,
            item: unmarshall(record.dynamodb.NewImage as Record<string, AttributeValue>),
          },
        ]
      : [],
  );
  const failure = await archive(items);
  if (!failure) return { batchItemFailures: [] };
  logger.error('a ledger entry could not be archived; the stream delivers it again', failure.error);
  return { batchItemFailures: [{ itemIdentifier: failure.failed }] };
};
