import { Duration, Tags } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LedgerConfig } from '../../lambdas/checkpoint-ledger/contract';
import type { ConfigurationInForce } from '../../lambdas/record-configuration/contract';
import { allowItems, allowMissing, allowObjects, allowQuery, allowWriting } from './access';
import { consumeLedger } from './consume-ledger';
import { DeadLetterQueue } from './dead-letter-queue';
import { acknowledgeWildcards } from './nag-checks';
import { signingDuty } from './signing-duty';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';

export interface AuditLedgerProps {
  readonly stores: Pick<Stores, 'ledgerTable' | 'auditBucket' | 'ledgerKey'>;
  readonly config: LedgerConfig;
  /** Whether witnesses may be on this machine: only where AWS is emulated. */
  readonly loopback: boolean;
  /** What this deployment puts in force; a change of it is an entry. */
  readonly inForce: ConfigurationInForce;
}

/** What makes the ledger proof: copies and signed checkpoints in the bucket that nobody can change; rules on record. */
export class AuditLedger extends Construct {
  readonly archive: StepFunction;
  readonly checkpoint: StepFunction;
  readonly recordConfiguration: StepFunction;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { stores, config, loopback, inForce }: AuditLedgerProps) {
    super(scope, id);
    const { ledgerTable: table, auditBucket: bucket } = stores;
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
    this.checkpoint = this.checkpoints(stores, config, loopback);
    this.recordConfiguration = this.configuration(table, inForce);
  }

  private checkpoints(stores: AuditLedgerProps['stores'], config: LedgerConfig, loopback: boolean) {
    const { ledgerTable, auditBucket, ledgerKey } = stores;
    const step = new StepFunction(this, 'Checkpoint', {
      step: 'checkpoint-ledger',
      environment: {
        LEDGER_TABLE: ledgerTable.tableName,
        AUDIT_BUCKET: auditBucket.bucketName,
        LEDGER_KEY_ARN: ledgerKey.keyArn,
        LEDGER_ORIGIN: config.origin,
        WITNESSES: JSON.stringify(config.witnesses),
        LOOPBACK: loopback ? 'yes' : 'no',
      },
      // A ledger that was never signed is read from its beginning.
      timeout: Duration.minutes(10),
      invokedAsynchronously: true,
    });
    Tags.of(step.role).add(signingDuty.tag, signingDuty.value);
    allowItems(step, ledgerTable, ['GetItem']);
    allowQuery(step, ledgerTable);
    allowObjects(step, auditBucket, 'checkpoints/*', ['GetObject', 'PutObject']);
    allowMissing(step, auditBucket, 'checkpoints/');
    // Which tenants there are is told by the copies of their entries.
    allowMissing(step, auditBucket, 'ledger/');
    step.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['kms:GetPublicKey', 'kms:Sign'], resources: [ledgerKey.keyArn] }),
    );
    new Sweep(this, 'CheckpointSweep', {
      step,
      every: Duration.minutes(config.checkpointEvery),
      description: 'Signs checkpoints of the ledger',
    });
    return step;
  }

  private configuration(table: ITable, inForce: ConfigurationInForce): StepFunction {
    const step = new StepFunction(this, 'Configuration', {
      step: 'record-configuration',
      environment: { LEDGER_TABLE: table.tableName, IN_FORCE: JSON.stringify(inForce) },
      invokedAsynchronously: true,
    });
    allowItems(step, table, ['GetItem', 'PutItem']);
    allowQuery(step, table);
    new Sweep(this, 'ConfigurationSweep', {
      step,
      every: Duration.minutes(15),
      description: 'Records that rules or roles changed',
    });
    return step;
  }
}
