import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { LedgerEntry } from './ledger';
import { logger } from './logger';

/**
 * Handles new ledger entries as the table's stream brings them: in order, a chain after its own; heads and markers
 * are not entries. Stops at the first failure, so that the stream delivers from there again.
 */
export const makeLedgerConsumer =
  (handle: (entry: LedgerEntry) => Promise<void>) =>
  async (event: Pick<DynamoDBStreamEvent, 'Records'>): Promise<DynamoDBBatchResponse> => {
    for (const { dynamodb } of event.Records) {
      if (!dynamodb?.NewImage || !dynamodb.SequenceNumber) continue;
      const { entry } = unmarshall(dynamodb.NewImage as Record<string, AttributeValue>);
      if (!entry) continue;
      try {
        await handle(entry as LedgerEntry);
      } catch (error) {
        logger.error('a ledger entry could not be handled; the stream delivers it again', error as Error);
        return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  };
