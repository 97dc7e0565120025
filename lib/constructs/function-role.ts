import { Validations } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** What every function may do, whatever its step. */
export interface FunctionRoleProps {
  readonly logGroup: ILogGroup;
  /** @default false */
  readonly tracing?: boolean;
  /** Whether the function attaches network interfaces. @default false */
  readonly inVpc?: boolean;
}

/**
 * A function's own role: it writes its own log, and holds what is granted to it later; nothing else.
 *
 * The permissions that AWS cannot scope stand in policies of their own, so that acknowledging them there
 * hides nothing about the others.
 */
export class FunctionRole extends Construct {
  readonly role: IRole;

  constructor(scope: Construct, id: string, props: FunctionRoleProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    props.logGroup.grantWrite(this.role);
    if (props.tracing)
      this.unscoped('Tracing', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], {
        reason: 'X-Ray accepts segments for the whole account only: its actions take no resource.',
      });
    if (props.inVpc)
      this.unscoped(
        'NetworkInterfaces',
        [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        {
          reason:
            'Lambda attaches a function to its VPC through this role; it creates interfaces whose names are not known before.',
        },
      );
  }

  private unscoped(id: string, actions: string[], { reason }: { reason: string }): void {
    const policy = new Policy(this, id, {
      statements: [new PolicyStatement({ actions, resources: ['*'] })],
      roles: [this.role],
    });
    Validations.of(policy).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason });
  }
}
