import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** What outlives a deployment, as the constructs use it. The data stack provides it. */
export interface Stores {
  readonly dataKey: IKey;
  readonly stateKey: IKey;
  /** Signs checkpoints of the ledger. */
  readonly ledgerKey: IKey;
  readonly stateBucket: IBucket;
  readonly artifactsBucket: IBucket;
  readonly auditBucket: IBucket;
  readonly runsTable: ITable;
  readonly approvalsTable: ITable;
  readonly leasesTable: ITable;
  /** What is known of each workspace: what was applied last, how long it took, what drifted since. */
  readonly workspacesTable: ITable;
  readonly ledgerTable: ITable;
  /** Who stands behind the ledger's references, and what they wrote: the part that can be erased. */
  readonly peopleTable: ITable;
  /** Where messages stand in Slack, and which requests were seen. */
  readonly channelsTable: ITable;
  /** Each credential: how far its rotation is, and what people see of its life. */
  readonly credentialsTable: ITable;
  readonly pageSecret: ISecret;
}
