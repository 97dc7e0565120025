import { Duration, RemovalPolicy, Stack, type StackProps, Tags, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { finalStates } from '../../lambdas/shared/final-state-folder';
import { pageKeyOverlapSeconds } from '../config/page-key-overlap';
import type { EnvironmentConfig } from '../config/schema';
import { signingDuty } from '../constructs/signing-duty';
import type { Stores } from '../constructs/stores';

export interface DataStackProps extends StackProps {
  readonly config: Pick<EnvironmentConfig, 'data' | 'approval'>;
}

/** Everything that must outlive a deployment: keys, buckets, tables, the signing secret. */
export class DataStack extends Stack implements Stores {
  /** Encrypts tables, artifacts, audit copies and secrets. */
  readonly dataKey: Key;
  /** Encrypts Terraform state and plans: as objects, and inside them through OpenTofu. */
  readonly stateKey: Key;
  /** Signs checkpoints of the ledger, and nothing else. */
  readonly ledgerKey: Key;
  readonly stateBucket: IBucket;
  readonly artifactsBucket: IBucket;
  /** Copies of ledger entries under Object Lock. */
  readonly auditBucket: IBucket;
  readonly runsTable: ITable;
  readonly approvalsTable: ITable;
  readonly leasesTable: ITable;
  readonly workspacesTable: ITable;
  readonly ledgerTable: ITable;
  readonly peopleTable: ITable;
  readonly channelsTable: ITable;
  readonly credentialsTable: ITable;
  /** Signs sessions and the forms of the approval pages. */
  readonly pageSecret: ISecret;

  private readonly retained: { readonly removalPolicy: RemovalPolicy };
  private readonly accessLogs: IBucket;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DataStackProps,
  ) {
    super(scope, id, props);
    const { data } = props.config;
    this.retained = { removalPolicy: data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY };

    this.dataKey = new Key(this, 'DataKey', {
      description: 'Tables, artifacts, audit copies and secrets of the orchestrator',
      enableKeyRotation: true,
      ...this.retained,
    });
    this.stateKey = new Key(this, 'StateKey', {
      description: 'Terraform state and plans of the orchestrator',
      enableKeyRotation: true,
      ...this.retained,
    });

    this.ledgerKey = this.signingKey();

    this.accessLogs = this.accessLogsBucket();
    this.stateBucket = this.bucket('State', this.stateKey, {
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(data.replacedVersionDays) },
        // Of what was destroyed nothing else is left.
        { prefix: finalStates, expiration: Duration.days(data.finalStateDays) },
      ],
    });
    this.artifactsBucket = this.bucket('Artifacts', this.dataKey, {
      lifecycleRules: [
        {
          expiration: Duration.days(data.artifactDays),
          noncurrentVersionExpiration: Duration.days(data.replacedVersionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    const lockFor = Duration.days(data.auditLock.days);
    this.auditBucket = this.bucket('Audit', this.dataKey, {
      objectLockEnabled: true,
      objectLockDefaultRetention:
        data.auditLock.mode === 'compliance'
          ? ObjectLockRetention.compliance(lockFor)
          : ObjectLockRetention.governance(lockFor),
    });

    const string = AttributeType.STRING;
    const runs = this.table('Runs', { partitionKey: { name: 'runId', type: string } });
    runs.addGlobalSecondaryIndex({
      indexName: 'by-workspace',
      partitionKey: { name: 'workspace', type: string },
      sortKey: { name: 'startedAt', type: string },
    });
    runs.addGlobalSecondaryIndex({
      indexName: 'open-runs',
      partitionKey: { name: 'open', type: string },
      sortKey: { name: 'startedAt', type: string },
    });
    this.runsTable = runs as ITable;
    const approvals = this.table('Approvals', { partitionKey: { name: 'approvalId', type: string } });
    approvals.addGlobalSecondaryIndex({
      indexName: 'callback-pending',
      partitionKey: { name: 'callbackPending', type: string },
      sortKey: { name: 'decidedAt', type: string },
      // The index names what is pending; the token it resumes with is read from the table alone.
      projectionType: ProjectionType.KEYS_ONLY,
    });
    // What a page shows of an approval is read from the table, by key: the indexes only order.
    approvals.addGlobalSecondaryIndex({
      indexName: 'lists',
      partitionKey: { name: 'list', type: string },
      sortKey: { name: 'listAt', type: string },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    approvals.addGlobalSecondaryIndex({
      indexName: 'asked',
      partitionKey: { name: 'askedBy', type: string },
      sortKey: { name: 'askedAt', type: string },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    approvals.addGlobalSecondaryIndex({
      indexName: 'by-due',
      partitionKey: { name: 'tending', type: string },
      sortKey: { name: 'dueAt', type: string },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.approvalsTable = approvals as ITable;
    const leases = this.table('Leases', { partitionKey: { name: 'workspace', type: string } });
    leases.addGlobalSecondaryIndex({
      indexName: 'callback-pending',
      partitionKey: { name: 'callbackPending', type: string },
      sortKey: { name: 'grantedAt', type: string },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.leasesTable = leases as ITable;
    this.workspacesTable = this.table('Workspaces', {
      partitionKey: { name: 'workspace', type: string },
    }) as ITable;
    this.ledgerTable = this.table('Ledger', {
      partitionKey: { name: 'chain', type: string },
      sortKey: { name: 'seq', type: AttributeType.NUMBER },
      stream: StreamViewType.NEW_IMAGE,
    }) as ITable;
    this.peopleTable = this.table('People', {
      partitionKey: { name: 'id', type: string },
      sortKey: { name: 'part', type: string },
      encryptionKey: new Key(this, 'PeopleKey', {
        description: 'Who stands behind the references in the ledger of the orchestrator',
        enableKeyRotation: true,
        ...this.retained,
      }),
    }) as ITable;

    this.channelsTable = this.table('Channels', {
      partitionKey: { name: 'id', type: string },
      timeToLiveAttribute: 'forgetAt',
    }) as ITable;

    this.credentialsTable = this.table('Credentials', {
      partitionKey: { name: 'id', type: string },
    }) as ITable;

    this.pageSecret = new Secret(this, 'PageSecret', {
      description: 'Signs sessions and the forms of the approval pages',
      encryptionKey: this.dataKey,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      ...this.retained,
    }) as ISecret;
    Validations.of(this.pageSecret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Its functions take a new key without an interruption, by labels; its tags say how it is rotated, and a schedule of Secrets Manager’s own would be a second way.',
    });
    const rotation = {
      'rotation-strategy': 'signing-key',
      'rotation-days': '90',
      owner: 'orchestrator',
      consumers: 'approval-pages decide-approval sign-in',
      'rotation-overlap': String(pageKeyOverlapSeconds(props.config.approval)),
    };
    for (const [tag, value] of Object.entries(rotation)) Tags.of(this.pageSecret).add(tag, value);
  }

  /** Asymmetric keys do not rotate: who checks a checkpoint has the public half. */
  private signingKey(): Key {
    const key = new Key(this, 'LedgerKey', {
      description: 'Signs checkpoints of the ledger',
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      ...this.retained,
    });
    // Not by the role's name: this stack is there before the role is.
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NobodyElseSigns',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { StringNotEquals: { [`aws:PrincipalTag/${signingDuty.tag}`]: signingDuty.value } },
      }),
    );
    return key;
  }

  /** S3 delivers access logs only into buckets with its own managed encryption, and cannot log itself. */
  private accessLogsBucket(): IBucket {
    const bucket = new Bucket(this, 'AccessLogs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          expiration: Duration.days(this.props.config.data.artifactDays),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
      ...this.retained,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It receives the access logs of the other buckets; logging its own would never end.',
    });
    return bucket as IBucket;
  }

  private bucket(id: string, encryptionKey: Key, props: BucketProps): IBucket {
    return new Bucket(this, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      ...this.retained,
      ...props,
    }) as IBucket;
  }

  private table(
    id: string,
    props: Pick<TableProps, 'partitionKey' | 'sortKey' | 'stream' | 'timeToLiveAttribute' | 'encryptionKey'>,
  ): Table {
    return new Table(this, id, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.dataKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: this.props.config.data.retain,
      ...this.retained,
      ...props,
    });
  }
}
