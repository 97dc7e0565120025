import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { SecretRotation } from '../constructs/secret-rotation';
import { StepFunction } from '../constructs/step-function';
import type { Stores } from '../constructs/stores';
import type { NetworkStack } from './network-stack';

export interface RotationStackProps extends StackProps {
  readonly config: Pick<EnvironmentConfig, 'name' | 'runner'>;
  readonly stores: Stores;
  readonly network: NetworkStack;
}

/** What rotates secrets. Its workflows stand with the others, in the orchestrator's stack. */
export class RotationStack extends Stack {
  /** By their names. */
  readonly steps: Readonly<Record<string, StepFunction>>;
  readonly functions: Readonly<Record<string, IFunction>>;

  constructor(scope: Construct, id: string, { config, stores, network, ...props }: RotationStackProps) {
    super(scope, id, props);
    const inVpc = config.runner.hostAccess.kind === 'ec2';
    new SecretRotation(this, 'Rotation', {
      stores,
      secretsPrefix: `orchestrator-${config.name}/workspaces`,
      // Databases stand on hosts, which are reached as Ansible reaches them.
      ...(inVpc && {
        network: {
          vpc: network.vpc,
          vpcSubnets: network.workerSubnets,
          securityGroups: [network.workerSecurityGroup],
        },
      }),
    });
    this.steps = StepFunction.within(this);
    this.functions = Object.fromEntries(Object.values(this.steps).map((step) => [step.name, step.function]));
  }
}
