import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allowItems } from './access';
import { lookEvery } from './rotation-alarms';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';

export interface CredentialWatchProps {
  readonly stores: Pick<Stores, 'credentialsTable' | 'ledgerTable'>;
}

/** Looks at the journal of all credentials again and again, whether or not anything rotates them. It reads no secret. */
export class CredentialWatch extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, { stores }: CredentialWatchProps) {
    super(scope, id);
    this.step = new StepFunction(this, 'Step', {
      step: 'watch-credentials',
      environment: {
        CREDENTIALS_TABLE: stores.credentialsTable.tableName,
        LEDGER_TABLE: stores.ledgerTable.tableName,
      },
      timeout: Duration.minutes(2),
      invokedAsynchronously: true,
    });
    allowItems(this.step, stores.credentialsTable, ['Scan']);
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem']);
    new Sweep(this, 'Sweep', {
      step: this.step,
      every: lookEvery,
      description: 'Counts how credentials stand, tells of those that are overdue or stuck',
    });
  }
}
