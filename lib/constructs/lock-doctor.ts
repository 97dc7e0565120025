import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allowIndex, allowInvoking, allowItems, allowMissing, allowObjects } from './access';
import { acknowledgeWildcards } from './nag-checks';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';
import type { Workflow } from './workflow';

export interface LockDoctorProps {
  readonly stores: Stores;
  /** Wakes the run that is handed a workspace. */
  readonly sendCallback: StepFunction;
}

/** Releases locks and leases whose holders are provably dead, and restores rescued states: when asked, and by schedule. */
export class LockDoctor extends Construct {
  readonly step: StepFunction;

  constructor(scope: Construct, id: string, { stores, sendCallback }: LockDoctorProps) {
    super(scope, id);
    this.step = new StepFunction(this, 'Step', {
      step: 'lock-doctor',
      environment: {
        RUNS_TABLE: stores.runsTable.tableName,
        LEASES_TABLE: stores.leasesTable.tableName,
        LEDGER_TABLE: stores.ledgerTable.tableName,
        STATE_BUCKET: stores.stateBucket.bucketName,
        STATE_KEY_ARN: stores.stateKey.keyArn,
        ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName,
        SEND_CALLBACK_FUNCTION: sendCallback.function.functionName,
      },
      // It watches for signs of life for most of a minute.
      timeout: Duration.minutes(2),
      invokedAsynchronously: true,
    });
    allowItems(this.step, stores.runsTable, ['ConditionCheckItem', 'GetItem']);
    allowIndex(this.step, stores.runsTable, 'by-workspace');
    allowItems(this.step, stores.leasesTable, ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem']);
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem']);
    const { stateBucket, artifactsBucket } = stores;
    allowObjects(this.step, stateBucket, '*/terraform.tfstate.tflock', ['GetObject', 'DeleteObject']);
    allowObjects(this.step, stateBucket, '*/terraform.tfstate', ['GetObject', 'PutObject']);
    allowObjects(this.step, artifactsBucket, 'rescue/*', ['GetObject', 'DeleteObject']);
    // It lists locks and rescued states, and looks for those that may be missing.
    allowMissing(this.step, stateBucket, '');
    allowMissing(this.step, artifactsBucket, 'rescue/');
    allowInvoking(this.step, sendCallback);
    new Sweep(this, 'Sweep', {
      step: this.step,
      every: Duration.minutes(15),
      description: 'Releases locks whose holders are dead and restores rescued states',
    });
  }

  /** Lets the doctor ask how runs of these workflows stand. */
  examine(workflows: readonly Workflow[]): void {
    this.step.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:DescribeExecution'],
        resources: workflows.map((workflow) => workflow.executionArn('*')),
      }),
    );
    acknowledgeWildcards(this.step, {
      matching: /:execution:/,
      reason: 'It asks how executions stand, whose names are chosen at run time.',
    });
  }
}
