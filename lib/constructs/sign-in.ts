import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SignInConfig } from '../config/sign-in';
import { allowItems, allowSecret } from './access';
import { allowLimiting, limitingEnvironment } from './caller-limits';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface SignInProps extends SignInConfig {
  readonly stores: Stores;
  /** Where people reach the pages, without a slash at its end. */
  readonly publicUrl: string;
  /** Requests that one caller may send in five minutes. */
  readonly mostSignIns: number;
}

/**
 * Signs people in with an OpenID provider. Its function alone begins and ends sessions and reads the client's secret;
 * whoever shows pages reads sessions.
 */
export class SignIn extends Construct {
  readonly step: StepFunction;
  /** Of a confidential client. Made with a value that fits nobody: the provider's is put in by hand. */
  readonly clientSecret: ISecret | undefined;
  readonly sessions: ITable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SignInProps,
  ) {
    super(scope, id);
    const { stores, publicUrl, mostSignIns, confidential, sessionMinutes, idleMinutes, ...provider } = props;
    this.sessions = this.sessionsTable(stores);
    this.clientSecret = confidential ? this.secretOfClient(stores) : undefined;
    this.step = new StepFunction(this, 'Step', {
      step: 'sign-in',
      environment: {
        SESSIONS_TABLE: this.sessions.tableName,
        SIGNING_SECRET_ARN: stores.pageSecret.secretArn,
        PUBLIC_URL: publicUrl,
        SESSION_MINUTES: String(sessionMinutes),
        IDLE_MINUTES: String(idleMinutes),
        PROVIDER: JSON.stringify(provider),
        ...limitingEnvironment(stores, mostSignIns),
        ...(this.clientSecret && { CLIENT_SECRET_ARN: this.clientSecret.secretArn }),
      },
      memorySize: 1024,
    });
    allowItems(this.step, this.sessions, ['GetItem', 'PutItem', 'DeleteItem']);
    allowSecret(this.step, stores.pageSecret);
    allowLimiting(this.step, stores, 'sign-in');
    if (this.clientSecret) allowSecret(this.step, this.clientSecret);
  }

  /** How steps know people: the value of their `IDENTIFY_BY`. */
  get identifyBy(): string {
    return JSON.stringify({
      by: 'session',
      sessionsTable: this.sessions.tableName,
      publicUrl: this.props.publicUrl,
      idleMinutes: this.props.idleMinutes,
    });
  }

  /** Lets a step know who is signed in. */
  allowIdentifying(step: StepFunction): void {
    allowItems(step, this.sessions, ['GetItem']);
  }

  /** Sessions outlive no stack and are worth no backup: whoever lost one signs in again. */
  private sessionsTable({ dataKey }: Stores): ITable {
    const table = new Table(this, 'Sessions', {
      partitionKey: { name: 'sessionHash', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: dataKey,
      timeToLiveAttribute: 'removeAt',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(table).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'Sessions live for an hour or so; whoever loses one signs in again.',
    });
    return table as ITable;
  }

  private secretOfClient({ dataKey }: Stores): ISecret {
    const secret = new Secret(this, 'ClientSecret', {
      description:
        'Secret of this client at the sign-in provider: replace the generated value by the provider’s',
      encryptionKey: dataKey,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The provider issues it and has no common interface to rotate it; it is replaced by hand.',
    });
    return secret as ISecret;
  }
}
