import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { GithubConfig } from '../../lambdas/receive-github/contract';
import { allowIndex, allowItems, allowSecret } from './access';
import { allowLimiting, limitingEnvironment } from './caller-limits';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';
import type { Workflow } from './workflow';

type Machine = Pick<Workflow, 'name' | 'stateMachine'>;

export interface GithubProps {
  readonly config: GithubConfig;
  readonly stores: Stores;
  /** Every workflow and block. */
  readonly workflows: readonly Machine[];
  /** Where the approval pages are. */
  readonly publicUrl: string;
  /** Whether secrets and what was delivered outlive the stack. */
  readonly retain: boolean;
  /** Deliveries that one network may send in five minutes. */
  readonly mostDeliveries: number;
}

const preview = 'plan-preview';
/** The block in which people are asked. */
const gate = 'approval-gate';

/**
 * GitHub in both directions: `receive` stands behind a route and starts the runs that pushes and pull requests ask
 * for; `report` tells GitHub how they stand, fed by the executions' own events.
 */
export class Github extends Construct {
  readonly receive: StepFunction;
  /** What whoever sets the app up needs to know. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: GithubProps) {
    super(scope, id);
    const { config, stores, workflows } = props;
    const retained = { removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY };
    const machine = (name: string): Machine => {
      const found = workflows.find((one) => one.name === name);
      if (found) return found;
      const known = workflows.map((one) => one.name).join(', ');
      throw new Error(
        `github.mappings: there is no workflow "${name}" that a push could start. Known: ${known}.`,
      );
    };
    const machines = [...new Set([preview, ...config.mappings.map(({ workflow }) => workflow)])].map(machine);

    const table = new Table(this, 'Table', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: stores.dataKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: props.retain,
      ...retained,
    });
    table.addGlobalSecondaryIndex({
      indexName: 'open-reports',
      partitionKey: { name: 'open', type: AttributeType.STRING },
      sortKey: { name: 'askedAt', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    const webhookSecret = this.secret(
      'WebhookSecret',
      'What GitHub signs deliveries with: {"current": …, "previous": …}',
      { secretStringTemplate: '{}', generateStringKey: 'current' },
      stores,
      retained,
    );
    const appSecret = this.secret(
      'AppSecret',
      'The GitHub App, to be filled in: {"appId": …, "installationId": …, "privateKey": …}',
      { secretStringTemplate: '{}', generateStringKey: 'placeholder' },
      stores,
      retained,
    );
    const shared = {
      GITHUB_TABLE: table.tableName,
      APP_SECRET_ARN: appSecret.secretArn,
      GITHUB_API_URL: config.apiUrl,
    };

    this.receive = new StepFunction(this, 'Receive', {
      step: 'receive-github',
      environment: {
        ...shared,
        WEBHOOK_SECRET_ARN: webhookSecret.secretArn,
        GITHUB_WEB_URL: config.webUrl,
        GITHUB_MAPPINGS: JSON.stringify(config.mappings),
        ...limitingEnvironment(stores, props.mostDeliveries),
        STATE_MACHINES: JSON.stringify(
          Object.fromEntries(machines.map(({ name, stateMachine }) => [name, stateMachine.stateMachineArn])),
        ),
      },
    });
    allowItems(this.receive, table as ITable, ['GetItem', 'PutItem']);
    allowLimiting(this.receive, stores, 'github');
    allowSecret(this.receive, webhookSecret);
    allowSecret(this.receive, appSecret);
    this.receive.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: machines.map(({ stateMachine }) => stateMachine.stateMachineArn),
      }),
    );

    const report = new StepFunction(this, 'Report', {
      step: 'report-commit-status',
      environment: { ...shared, RUNS_TABLE: stores.runsTable.tableName, PUBLIC_URL: props.publicUrl },
      invokedAsynchronously: true,
    });
    allowItems(report, table as ITable, ['GetItem', 'UpdateItem']);
    allowIndex(report, table as ITable, 'open-reports');
    allowItems(report, stores.runsTable, ['GetItem']);
    allowSecret(report, appSecret);
    new Rule(this, 'RunMoved', {
      description: 'How the runs stand that GitHub asked for',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          name: [{ prefix: 'gh-' }],
          stateMachineArn: [...machines, machine(gate)].map(
            ({ stateMachine }) => stateMachine.stateMachineArn,
          ),
        },
      },
      targets: [new LambdaFunction(report.function)],
    });
    new Sweep(this, 'Sweep', {
      step: report,
      every: Duration.minutes(5),
      description: 'Tells GitHub what it was not told',
    });
    this.outputs = {
      GithubWebhookUrl: `${props.publicUrl}/webhooks/github`,
      GithubWebhookSecretArn: webhookSecret.secretArn,
      GithubAppSecretArn: appSecret.secretArn,
    };
  }

  private secret(
    id: string,
    description: string,
    template: { readonly secretStringTemplate: string; readonly generateStringKey: string },
    { dataKey }: Stores,
    retained: { readonly removalPolicy: RemovalPolicy },
  ): ISecret {
    const secret = new Secret(this, id, {
      description,
      encryptionKey: dataKey,
      generateSecretString: { passwordLength: 64, excludePunctuation: true, ...template },
      ...retained,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'GitHub holds the other half, and no interface of it takes a new one: a person exchanges them, as docs/github.md says, without a gap.',
    });
    return secret as ISecret;
  }
}
