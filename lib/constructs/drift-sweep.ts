import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allowItems, allowObjects, allowReading, allowScanning } from './access';
import { acknowledgeWildcards } from './nag-checks';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

/** The steps by which a run looks at many workspaces: which there are, and what was found. */
export class DriftSweep extends Construct {
  constructor(scope: Construct, id: string, stores: Stores) {
    super(scope, id);
    const artifacts = { ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName };
    const list = new StepFunction(this, 'ListWorkspaces', {
      step: 'list-workspaces',
      environment: { ...artifacts, WORKSPACES_TABLE: stores.workspacesTable.tableName },
      timeout: Duration.minutes(1),
    });
    allowScanning(list, stores.workspacesTable, ['workspace', 'applied']);
    allowObjects(list, stores.artifactsBucket, 'runs/*/workspaces.json', ['PutObject']);

    const report = new StepFunction(this, 'ReportDrift', {
      step: 'report-drift',
      environment: { ...artifacts, RUNS_TABLE: stores.runsTable.tableName },
      timeout: Duration.minutes(2),
    });
    allowItems(report, stores.runsTable, ['GetItem']);
    for (const read of ['workspaces.json', 'drift.json'])
      allowReading(report, stores.artifactsBucket, `runs/*/${read}`);
    for (const step of [list, report])
      acknowledgeWildcards(step, {
        matching: /\/runs\/\*\/(workspaces|drift|drift-report)\.(json|md)\*?$/,
        reason: 'One kind of object of runs, whose ids are made at run time.',
      });
    for (const format of ['json', 'md'])
      allowObjects(report, stores.artifactsBucket, `runs/*/drift-report.${format}`, ['PutObject']);
  }
}
