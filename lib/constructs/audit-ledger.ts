import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allowWriting } from './access';
import { consumeLedger } from './consume-ledger';
import { DeadLetterQueue } from './dead-letter-queue';
import { acknowledgeWildcards } from './nag-checks';
import { StepFunction } from './step-function';

export interface AuditLedgerProps {
  readonly table: ITable;
  /** A bucket with Object Lock. */
  readonly bucket: IBucket;
}

/** Copies every ledger entry to the bucket that nobody can change, through the table's stream. */
export class AuditLedger extends Construct {
  readonly archive: StepFunction;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { table, bucket }: AuditLedgerProps) {
    super(scope, id);
    this.archive = new StepFunction(this, 'Archive', {
      step: 'archive-ledger',
      environment: { AUDIT_BUCKET: bucket.bucketName },
    });
    allowWriting(this.archive, bucket, 'ledger/');
    acknowledgeWildcards(this.archive, {
      matching: /\/ledger\/\*$/,
      reason: 'Entries are named by tenant and number, below one prefix of one bucket.',
    });
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters');
    consumeLedger(this.archive, { table, deadLetters: this.deadLetters, from: 'past' });
  }
}
