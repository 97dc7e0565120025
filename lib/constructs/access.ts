import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StepFunction } from './step-function';

/**
 * Grants by exact action. The L2 grants allow more than a step needs (scans, batch writes, key wildcards), so that
 * each permission here is one that some code uses.
 */
const add = (grantee: IGrantable, statement: PolicyStatement): void => {
  grantee.grantPrincipal.addToPrincipalPolicy(statement);
};

const allowKey = (grantee: IGrantable, key: IKey | undefined, service: string, actions: string[]): void => {
  if (!key) return;
  const { region } = Stack.of(key);
  add(
    grantee,
    new PolicyStatement({
      actions,
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } },
    }),
  );
};

const allowTableKey = (grantee: IGrantable, { encryptionKey }: ITable): void =>
  allowKey(grantee, encryptionKey, 'dynamodb', [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
  ]);

type TableAction =
  | 'BatchGetItem'
  | 'ConditionCheckItem'
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'Query'
  | 'Scan';

/** Lets a step do exactly these things to items of a table. */
export const allowItems = (grantee: IGrantable, table: ITable, actions: readonly TableAction[]): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [table.tableArn],
    }),
  );
  allowTableKey(grantee, table);
};

/** Lets a step do exactly these things to the one item with this partition key, or with a `*` at its end to all that begin so. */
export const allowItem = (
  grantee: IGrantable,
  table: ITable,
  key: string,
  actions: readonly TableAction[],
): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [table.tableArn],
      conditions: {
        [`ForAllValues:String${key.endsWith('*') ? 'Like' : 'Equals'}`]: { 'dynamodb:LeadingKeys': [key] },
        // A request without it would satisfy the line above.
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    }),
  );
  allowTableKey(grantee, table);
};

/**
 * Lets a step name people in the ledger by reference: find theirs, or make it. `keepsWords`: it also keeps apart what
 * they wrote, as long as they were not erased.
 */
export const allowReferring = (
  grantee: IGrantable,
  people: ITable,
  { keepsWords }: { readonly keepsWords: boolean },
): void =>
  allowItems(grantee, people, [
    'GetItem',
    'PutItem',
    ...(keepsWords ? (['ConditionCheckItem'] as const) : []),
  ]);

/** Lets a step change these attributes of items of a table, and no other. What it changes is shown to it whole. */
export const allowAttributes = (grantee: IGrantable, table: ITable, attributes: readonly string[]): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: ['dynamodb:UpdateItem'],
      resources: [table.tableArn],
      conditions: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
        // A request without it would satisfy the line above.
        Null: { 'dynamodb:Attributes': 'false' },
      },
    }),
  );
  allowTableKey(grantee, table);
};

/** Lets a step read items of a table in the order of their keys. */
export const allowQuery = (grantee: IGrantable, table: ITable): void => {
  add(grantee, new PolicyStatement({ actions: ['dynamodb:Query'], resources: [table.tableArn] }));
  allowTableKey(grantee, table);
};

/** Lets somebody read items of a table: those whose keys they know, or all. */
export const allowReadingItems = (
  grantee: IGrantable,
  table: ITable,
  actions: readonly ('GetItem' | 'Query' | 'Scan')[],
): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [table.tableArn],
    }),
  );
  allowKey(grantee, table.encryptionKey, 'dynamodb', ['kms:Decrypt']);
};

/** Lets a step read these attributes of all items of a table, and no other. */
export const allowScanning = (grantee: IGrantable, table: ITable, attributes: readonly string[]): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: ['dynamodb:Scan'],
      resources: [table.tableArn],
      conditions: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      },
    }),
  );
  allowTableKey(grantee, table);
};

/** Lets a step query one index of a table. */
export const allowIndex = (grantee: IGrantable, table: ITable, index: string): void => {
  add(
    grantee,
    new PolicyStatement({ actions: ['dynamodb:Query'], resources: [`${table.tableArn}/index/${index}`] }),
  );
  allowKey(grantee, table.encryptionKey, 'dynamodb', ['kms:Decrypt']);
};

/** Lets a step read objects below a prefix, in any version. */
export const allowReading = (grantee: IGrantable, bucket: IBucket, prefix: string): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
    }),
  );
  allowKey(grantee, bucket.encryptionKey, 's3', ['kms:Decrypt']);
};

/** Lets somebody read what is kept under Object Lock below a prefix, and until when it is. */
export const allowReadingLocked = (grantee: IGrantable, bucket: IBucket, prefix: string): void => {
  allowReading(grantee, bucket, prefix);
  add(
    grantee,
    new PolicyStatement({
      actions: ['s3:GetObjectRetention'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
    }),
  );
  add(
    grantee,
    new PolicyStatement({
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${prefix}*` } },
    }),
  );
};

/** Makes a missing object below a prefix answer "not found" instead of "forbidden". */
export const allowMissing = (grantee: IGrantable, bucket: IBucket, prefix: string): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      // Reading an object names no prefix.
      conditions: { StringLikeIfExists: { 's3:prefix': `${prefix}*` } },
    }),
  );
};

/** Lets a step write objects below a prefix. */
export const allowWriting = (grantee: IGrantable, bucket: IBucket, prefix: string): void => {
  add(
    grantee,
    new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects(`${prefix}*`)] }),
  );
  allowKey(grantee, bucket.encryptionKey, 's3', ['kms:GenerateDataKey', 'kms:Decrypt']);
};

type ObjectAction = 'GetObject' | 'PutObject' | 'DeleteObject';

/** Lets a step do exactly these things to the newest versions of objects whose keys match. */
export const allowObjects = (
  grantee: IGrantable,
  bucket: IBucket,
  keys: string,
  actions: readonly ObjectAction[],
): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: actions.map((action) => `s3:${action}`),
      resources: [bucket.arnForObjects(keys)],
    }),
  );
  allowKey(grantee, bucket.encryptionKey, 's3', [
    'kms:Decrypt',
    ...(actions.includes('PutObject') ? ['kms:GenerateDataKey'] : []),
  ]);
};

/**
 * Lets a step read the value of a secret: what is in use and what was before it, asked for by these names, and no other
 * version, such as one that is not tested yet.
 */
export const allowSecret = (grantee: IGrantable, secret: ISecret): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secret.secretArn],
      conditions: { StringEquals: { 'secretsmanager:VersionStage': ['AWSCURRENT', 'AWSPREVIOUS'] } },
    }),
  );
  allowKey(grantee, secret.encryptionKey, 'secretsmanager', ['kms:Decrypt']);
};

/** Lets a worker make and keep the secrets below an ARN; they are encrypted with the account's own key for them. */
export const allowSecretsBelow = (grantee: IGrantable, secrets: string): void =>
  add(
    grantee,
    new PolicyStatement({
      actions: [
        'secretsmanager:CreateSecret',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:TagResource',
      ],
      resources: [`${secrets}/*`],
    }),
  );

const rotating = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

/** Lets a step rotate the secrets below an ARN; they are encrypted with the account's own key for them. */
export const allowRotatingBelow = (grantee: IGrantable, secrets: string): void =>
  add(grantee, new PolicyStatement({ actions: rotating, resources: [`${secrets}/*`] }));

/** Lets a step rotate this one secret. */
export const allowRotating = (grantee: IGrantable, secret: ISecret): void => {
  add(grantee, new PolicyStatement({ actions: rotating, resources: [secret.secretArn] }));
  allowKey(grantee, secret.encryptionKey, 'secretsmanager', ['kms:Decrypt', 'kms:GenerateDataKey']);
};

/** Lets a step put messages into queues. */
export const allowSending = (grantee: IGrantable, ...queues: readonly IQueue[]): void => {
  add(
    grantee,
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: queues.map(({ queueArn }) => queueArn) }),
  );
};

/** Lets a step call others. */
export const allowInvoking = (grantee: IGrantable, ...called: readonly StepFunction[]): void => {
  add(
    grantee,
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: called.map((step) => step.function.functionArn),
    }),
  );
};
