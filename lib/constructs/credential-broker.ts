import { Lazy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, type IRole, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LendingTarget } from '../../lambdas/broker-credentials/env';
import { finalStateFolder } from '../../lambdas/shared/final-state-folder';
import { isElsewhere, type Target, type TargetElsewhere, tenantOf } from '../config/targets';
import { allowItems, allowReading, allowReferring } from './access';
import { acknowledgeWildcards } from './nag-checks';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { targetRoleArn } from './target-trust';

type Purpose = 'plan' | 'apply';

export interface CredentialBrokerProps {
  /** `plan` reads the state of a workspace, `apply` writes it. */
  readonly purpose: Purpose;
  readonly stores: Stores;
  /** Accounts in which tenants' infrastructure stands. */
  readonly targets: readonly Target[];
}

/** What the broker writes on every session; the workspace decides what the session reaches. */
const sessionTags = ['tenant', 'workspace', 'change'];
const ownWorkspace = `\${aws:PrincipalTag/workspace}`;

/**
 * An identity that only its broker lends: the role trusts the broker's function and nobody else, and each session is
 * of one workspace. Plan and apply have a broker each, so that whoever may ask for the one cannot ask for the other.
 */
export class CredentialBroker extends Construct {
  /** The function that a worker asks. */
  readonly step: StepFunction;
  /** What is lent. Grant it what planning or applying needs; the state of its workspace it has. */
  readonly role: IRole;

  constructor(scope: Construct, id: string, { purpose, stores, targets }: CredentialBrokerProps) {
    super(scope, id);
    this.step = new StepFunction(this, 'Step', {
      step: 'broker-credentials',
      name: `${purpose}-credentials`,
      environment: {
        PURPOSE: purpose,
        // The role trusts the function's own, and so comes after it.
        ROLE_ARN: Lazy.string({ produce: () => this.role.roleArn }),
        STATE_BUCKET_ARN: stores.stateBucket.bucketArn,
        TARGETS: JSON.stringify(
          targets.map(
            (one): LendingTarget => ({
              workspaces: one.workspaces,
              role: isElsewhere(one)
                ? { arn: targetRoleArn(one, purpose), externalId: one.externalId }
                : null,
            }),
          ),
        ),
        APPROVALS_TABLE: stores.approvalsTable.tableName,
        RUNS_TABLE: stores.runsTable.tableName,
        WORKSPACES_TABLE: stores.workspacesTable.tableName,
        LEASES_TABLE: stores.leasesTable.tableName,
        LEDGER_TABLE: stores.ledgerTable.tableName,
        PEOPLE_TABLE: stores.peopleTable.tableName,
        ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName,
      },
    });
    allowItems(this.step, stores.runsTable, ['GetItem']);
    allowItems(this.step, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.step, stores.peopleTable, { keepsWords: false });
    if (purpose === 'apply') {
      allowItems(this.step, stores.approvalsTable, ['GetItem']);
      allowItems(this.step, stores.leasesTable, ['GetItem']);
      allowItems(this.step, stores.workspacesTable, ['GetItem']);
      allowReading(this.step, stores.artifactsBucket, 'runs/');
    }
    this.role = this.lentRole(purpose);
    this.step.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        resources: [this.role.roleArn],
      }),
    );
    this.allowState(purpose, stores);
    this.allowTargets(purpose, targets.filter(isElsewhere));
  }

  /** Each role of a tenant only with the tenant's external id, and in the tenant's name. */
  private allowTargets(purpose: Purpose, targets: readonly TargetElsewhere[]): void {
    for (const one of targets) {
      const resources = [targetRoleArn(one, purpose)];
      const inItsName = { 'aws:RequestTag/tenant': tenantOf(one) };
      this.step.grantPrincipal.addToPrincipalPolicy(
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources,
          conditions: { StringEquals: { 'sts:ExternalId': one.externalId, ...inItsName } },
        }),
      );
      this.step.grantPrincipal.addToPrincipalPolicy(
        new PolicyStatement({
          actions: ['sts:TagSession'],
          resources,
          conditions: { StringEquals: inItsName },
        }),
      );
      this.step.grantPrincipal.addToPrincipalPolicy(
        new PolicyStatement({ actions: ['sts:SetSourceIdentity'], resources }),
      );
    }
  }

  private lentRole(purpose: string): Role {
    const broker = new ArnPrincipal(this.step.role.roleArn);
    const role = new Role(this, 'Lent', {
      description: `Lent to ${purpose} one workspace, by the credential broker alone`,
      assumedBy: broker
        .withConditions({
          StringLike: { 'aws:RequestTag/workspace': '?*/?*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': sessionTags },
        })
        .withSessionTags(),
    });
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({ principals: [broker], actions: ['sts:SetSourceIdentity'] }),
    );
    return role;
  }

  /** Terraform's state, and the lock beside it, which every command takes and gives back. */
  private allowState(purpose: Purpose, { stateBucket, stateKey }: Stores): void {
    const state = stateBucket.arnForObjects(`${ownWorkspace}/terraform.tfstate`);
    for (const statement of [
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [stateBucket.bucketArn],
        // Reading an object that is missing names no prefix; OpenTofu also looks for workspaces of its own kind.
        conditions: { StringLikeIfExists: { 's3:prefix': [`${ownWorkspace}/*`, 'env:*'] } },
      }),
      new PolicyStatement({
        actions: purpose === 'apply' ? ['s3:GetObject', 's3:PutObject'] : ['s3:GetObject'],
        resources: [state],
      }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        resources: [`${state}.tflock`],
      }),
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [stateKey.keyArn],
        // Through S3, and directly: OpenTofu encrypts state and plan itself, without an encryption context.
        conditions: {
          StringEqualsIfExists: { 'kms:ViaService': `s3.${Stack.of(this).region}.amazonaws.com` },
        },
      }),
      ...(purpose === 'apply'
        ? [
            // What is about to be destroyed is kept first, and never touched again.
            new PolicyStatement({
              actions: ['s3:PutObject'],
              resources: [stateBucket.arnForObjects(`${finalStateFolder(ownWorkspace)}*`)],
            }),
          ]
        : []),
    ])
      this.role.addToPrincipalPolicy(statement);
    acknowledgeWildcards(
      this,
      {
        matching: /\$\{aws:PrincipalTag\/workspace\}/,
        reason: 'Not a wildcard but the workspace that the session was lent for.',
      },
      {
        matching: /\/_final\/<aws:PrincipalTag\/workspace>\/\*$/,
        reason: 'Copies of the state that the session was lent for: their keys carry ids of changes.',
      },
    );
  }
}
