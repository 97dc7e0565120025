import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allowItems, allowObjects, allowReading, allowRotating, allowRotatingBelow } from './access';
import { acknowledgeWildcards } from './nag-checks';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface SecretRotationProps {
  readonly stores: Stores;
  /** What the names of the secrets of workspaces begin with, without a slash at the end. */
  readonly secretsPrefix: string;
  /** Where hosts of workspaces are reached from. @default outside any VPC */
  readonly network?: {
    readonly vpc: IVpc;
    readonly vpcSubnets: SubnetSelection;
    readonly securityGroups: ISecurityGroup[];
  };
}

/** The steps by which credentials are rotated: which are due, each step of one, and how a run of many ended. */
export class SecretRotation extends Construct {
  readonly rotate: StepFunction;

  constructor(scope: Construct, id: string, { stores, secretsPrefix, network }: SecretRotationProps) {
    super(scope, id);
    const table = { CREDENTIALS_TABLE: stores.credentialsTable.tableName };
    const rotated = { SECRETS_PREFIX: `${secretsPrefix}/`, OWN_SECRETS: stores.pageSecret.secretArn };

    this.rotate = new StepFunction(this, 'Rotate', {
      step: 'rotate-secret',
      environment: { ...table, ...rotated, LEDGER_TABLE: stores.ledgerTable.tableName },
      // Well below a lease (lambdas/rotation/lease.ts): nothing of a step happens after it.
      timeout: Duration.minutes(1),
      ...network,
    });
    allowItems(this.rotate, stores.credentialsTable, ['GetItem', 'PutItem']);
    allowItems(this.rotate, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowRotatingBelow(
      this.rotate,
      `arn:${Stack.of(this).partition}:secretsmanager:${Stack.of(this).region}:${Stack.of(this).account}:secret:${secretsPrefix}`,
    );
    allowRotating(this.rotate, stores.pageSecret);
    acknowledgeWildcards(this.rotate, {
      matching: /:secret:[^*]*\/workspaces\/\*$/,
      reason: 'Secrets that roles make: their names carry the workspace, below one prefix.',
    });
    // So that a secret's own schedule, and RotateSecret, can call it.
    this.rotate.function.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
    });

    const list = new StepFunction(this, 'List', {
      step: 'list-credentials',
      environment: { ...table, ...rotated, ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName },
      timeout: Duration.minutes(1),
    });
    allowItems(list, stores.credentialsTable, ['Scan']);
    allowObjects(list, stores.artifactsBucket, 'runs/*/credentials.json', ['PutObject']);
    const listing = new Policy(this, 'Listing', {
      statements: [new PolicyStatement({ actions: ['secretsmanager:ListSecrets'], resources: ['*'] })],
      roles: [list.role],
    });
    Validations.of(listing).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Secrets Manager lists the secrets of an account: the action takes no resource. It shows no value.',
    });

    const report = new StepFunction(this, 'Report', {
      step: 'report-rotation',
      environment: table,
      timeout: Duration.minutes(1),
    });
    allowItems(report, stores.credentialsTable, ['GetItem']);
    allowReading(report, stores.artifactsBucket, 'runs/*/credentials.json');
    for (const step of [list, report])
      acknowledgeWildcards(step, {
        matching: /\/runs\/\*\/credentials\.json\*?$/,
        reason: 'One kind of object of runs, whose ids are made at run time.',
      });
  }
}
