import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledgeWildcards } from './nag-checks';
import type { StepFunction } from './step-function';

export interface LedgerConsumption {
  readonly table: ITable;
  /** Gets what the step could not handle. */
  readonly deadLetters: IQueue;
  /** `past`: what the stream still has from before the deployment, too. */
  readonly from: 'past' | 'now';
}

/** Feeds a step with every new ledger entry, in the order of its chain. A stream bears two such readers. */
export const consumeLedger = (step: StepFunction, { table, deadLetters, from }: LedgerConsumption): void => {
  acknowledgeWildcards(step, {
    matching: /^Resource::\*$/,
    reason: 'dynamodb:ListStreams takes no resource.',
  });
  step.function.addEventSource(
    new DynamoEventSource(table, {
      startingPosition: from === 'past' ? StartingPosition.TRIM_HORIZON : StartingPosition.LATEST,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      reportBatchItemFailures: true,
      retryAttempts: 20,
      onFailure: new SqsDlq(deadLetters),
    }),
  );
};
