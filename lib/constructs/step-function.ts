import { Duration, type Size } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable, IPrincipal, IRole } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  type EcrImageCode,
  Handler,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { bundleOf } from './bundle';
import { DeadLetterQueue } from './dead-letter-queue';
import { FunctionRole } from './function-role';
import { acknowledgeWildcards } from './nag-checks';
import { OperationDefaults } from './operation-defaults';
import { checkStepEnvironment } from './step-environment';

/** One step: a folder of `lambdas/`. */
export interface StepFunctionProps {
  /** Folder under `lambdas/`. */
  readonly step: string;
  /** How operators know it: by it, alarms and dashboards are named. @default the step's */
  readonly name?: string;
  /** Exactly the variables that the step's `env.ts` reads. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 30 seconds */
  readonly timeout?: Duration;
  /** MiB. @default 512 */
  readonly memorySize?: number;
  /** Keep what asynchronous callers could not deliver after two retries. @default false */
  readonly invokedAsynchronously?: boolean;
  /** @default no limit of its own */
  readonly reservedConcurrentExecutions?: number;
  /** @default outside any VPC */
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  /** Space under `/tmp`. @default 512 MiB */
  readonly ephemeralStorageSize?: Size;
  /** Run this image. @default the bundle of the step, on the newest Node.js */
  readonly image?: EcrImageCode;
  /** @default the bundle of the step */
  readonly code?: Code;
}

/** The Lambda function of one step, with a role and a log group of its own. Grant it what it needs: `table.grant(fn, …)`. */
export class StepFunction extends Construct implements IGrantable {
  /** Every step below a construct, by its name. */
  static within(scope: IConstruct): Record<string, StepFunction> {
    const found: Record<string, StepFunction> = {};
    for (const child of scope.node.findAll())
      if (child instanceof StepFunction) {
        if (found[child.name]) throw new Error(`Two steps are called ${child.name}.`);
        found[child.name] = child;
      }
    return found;
  }

  readonly name: string;
  /** Whether a schedule makes up for events that it did not handle. */
  isSwept = false;
  readonly function: LambdaFunction;
  readonly role: IRole;
  readonly grantPrincipal: IPrincipal;
  readonly deadLetterQueue: IQueue | undefined;

  constructor(scope: Construct, id: string, props: StepFunctionProps) {
    super(scope, id);
    this.name = props.name ?? props.step;
    const environment = props.environment ?? {};
    checkStepEnvironment(props.step, environment);
    const { logRetention, logRemoval, tracing } = OperationDefaults.of(this);
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: logRemoval });
    this.role = new FunctionRole(this, 'Identity', {
      logGroup,
      tracing,
      inVpc: props.vpc !== undefined,
    }).role;
    this.deadLetterQueue = props.invokedAsynchronously ? new DeadLetterQueue(this, 'DeadLetters') : undefined;
    this.function = new LambdaFunction(this, 'Function', {
      description: `Step ${props.step}`,
      ...(props.image
        ? { code: props.image, handler: Handler.FROM_IMAGE, runtime: Runtime.FROM_IMAGE }
        : {
            code: props.code ?? Code.fromAsset(bundleOf(props.step)),
            handler: 'index.handler',
            runtime: Runtime.NODEJS_LATEST,
          }),
      architecture: Architecture.X86_64,
      role: this.role,
      logGroup,
      environment: { ...environment },
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memorySize ?? 512,
      ...(this.deadLetterQueue && { deadLetterQueue: this.deadLetterQueue }),
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
      ...(props.ephemeralStorageSize && { ephemeralStorageSize: props.ephemeralStorageSize }),
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.vpcSubnets && { vpcSubnets: props.vpcSubnets }),
      ...(props.securityGroups && { securityGroups: props.securityGroups }),
    });
    // Not by the L2's property, which would mix X-Ray's unscoped permission into the step's own policy.
    if (tracing) (this.function.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
    this.grantPrincipal = this.function.grantPrincipal;
    acknowledgeWildcards(
      this,
      {
        matching: /^Resource::.+\/(\w+\/)?\*(\/terraform\.tfstate(\.tflock)?)?$/,
        reason:
          'Objects of runs: their keys carry ids that are made at run time, below a fixed prefix of one bucket.',
      },
      {
        matching: /^Resource::<\w+(\.Arn)?>:\*$/,
        reason: 'One function, in each of its versions: that is how Lambda scopes an invocation.',
      },
    );
  }

  grantInvoke(grantee: IGrantable): Grant {
    return this.function.grantInvoke(grantee);
  }

  addEnvironment(name: string, value: string): this {
    this.function.addEnvironment(name, value);
    return this;
  }
}
