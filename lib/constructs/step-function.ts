import { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { bundleOf } from './bundle';
import { DeadLetterQueue } from './dead-letter-queue';
import { FunctionRole } from './function-role';
import { OperationDefaults } from './operation-defaults';
import { checkStepEnvironment } from './step-environment';

/** One step: a folder of `lambdas/`. */
export interface StepFunctionProps {
  /** Folder under `lambdas/`. */
  readonly step: string;
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
  /** @default the bundle of the step */
  readonly code?: Code;
}

/** The Lambda function of one step, with a role and a log group of its own. Grant it what it needs: `table.grant(fn, …)`. */
export class StepFunction extends Construct implements IGrantable {
  readonly function: LambdaFunction;
  readonly grantPrincipal: IPrincipal;
  readonly deadLetterQueue: IQueue | undefined;

  constructor(scope: Construct, id: string, props: StepFunctionProps) {
    super(scope, id);
    const environment = props.environment ?? {};
    checkStepEnvironment(props.step, environment);
    const { logRetention, logRemoval, tracing } = OperationDefaults.of(this);
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: logRemoval });
    const { role } = new FunctionRole(this, 'Identity', {
      logGroup,
      tracing,
      inVpc: props.vpc !== undefined,
    });
    this.deadLetterQueue = props.invokedAsynchronously ? new DeadLetterQueue(this, 'DeadLetters') : undefined;
    this.function = new LambdaFunction(this, 'Function', {
      description: `Step ${props.step}`,
      code: props.code ?? Code.fromAsset(bundleOf(props.step)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_LATEST,
      architecture: Architecture.X86_64,
      role,
      logGroup,
      environment: { ...environment },
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memorySize ?? 512,
      ...(this.deadLetterQueue && { deadLetterQueue: this.deadLetterQueue }),
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.vpcSubnets && { vpcSubnets: props.vpcSubnets }),
      ...(props.securityGroups && { securityGroups: props.securityGroups }),
    });
    // Not by the L2's property, which would mix X-Ray's unscoped permission into the step's own policy.
    if (tracing) (this.function.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
    this.grantPrincipal = this.function.grantPrincipal;
  }

  grantInvoke(grantee: IGrantable): Grant {
    return this.function.grantInvoke(grantee);
  }

  addEnvironment(name: string, value: string): this {
    this.function.addEnvironment(name, value);
    return this;
  }
}
