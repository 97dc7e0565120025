import { Construct } from 'constructs';
import { allowItems, allowReading, allowWriting } from './access';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface ComplianceAssessmentProps {
  readonly stores: Stores;
}

/** Holds a workspace against the rules, and remembers how it stood. */
export class ComplianceAssessment extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, { stores }: ComplianceAssessmentProps) {
    super(scope, id);
    this.step = new StepFunction(this, 'Step', {
      step: 'assess-compliance',
      environment: {
        LEDGER_TABLE: stores.ledgerTable.tableName,
        WORKSPACES_TABLE: stores.workspacesTable.tableName,
        ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName,
      },
    });
    allowItems(this.step, stores.workspacesTable, ['GetItem', 'UpdateItem']);
    allowReading(this.step, stores.artifactsBucket, 'runs/');
    allowWriting(this.step, stores.artifactsBucket, 'runs/');
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem']);
  }
}
