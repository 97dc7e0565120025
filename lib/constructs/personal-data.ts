import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { readAttributes } from '../../lambdas/personal-data/env';
import { allowAttributes, allowItem, allowItems, allowScanning } from './access';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface PersonalDataProps {
  readonly stores: Stores;
  /** Who is signed in. @default nobody signs in */
  readonly sessions?: ITable | undefined;
}

/**
 * Tells what is held of a person, and erases it. The one identity that reads through all tables: it is called by an
 * operator's command line and by nothing else, and sees no task token.
 */
export class PersonalData extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, { stores, sessions }: PersonalDataProps) {
    super(scope, id);
    this.step = new StepFunction(this, 'Step', {
      step: 'personal-data',
      environment: {
        APPROVALS_TABLE: stores.approvalsTable.tableName,
        RUNS_TABLE: stores.runsTable.tableName,
        LEASES_TABLE: stores.leasesTable.tableName,
        LEDGER_TABLE: stores.ledgerTable.tableName,
        PEOPLE_TABLE: stores.peopleTable.tableName,
        SESSIONS_TABLE: sessions?.tableName ?? 'none',
      },
      timeout: Duration.minutes(1),
      memorySize: 1024,
    });
    allowItems(this.step, stores.runsTable, ['Scan']);
    allowAttributes(this.step, stores.runsTable, [
      'runId',
      'status',
      'requestedBy',
      'reason',
      'content',
      'startedBy',
      'result',
    ]);
    allowScanning(this.step, stores.approvalsTable, readAttributes);
    allowAttributes(this.step, stores.approvalsTable, [
      'approvalId',
      'status',
      'links',
      'mailedTo',
      'unreachable',
      'starter',
      'votes',
      'askedBy',
      'askRefusal',
      'byPerson',
    ]);
    allowItem(this.step, stores.approvalsTable, 'mailbox#*', ['DeleteItem']);
    allowItems(this.step, stores.leasesTable, ['Scan']);
    allowAttributes(this.step, stores.leasesTable, ['workspace', 'by', 'reason']);
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem', 'Scan']);
    allowItems(this.step, stores.peopleTable, [
      'ConditionCheckItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'UpdateItem',
    ]);
    if (sessions) allowItems(this.step, sessions, ['DeleteItem', 'Scan']);
  }
}
