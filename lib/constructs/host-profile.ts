import { Validations } from 'aws-cdk-lib';
import {
  InstanceProfile,
  type IRole,
  Policy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** The instance profile of hosts: Session Manager lets people in, and that is all that a host may do in AWS. */
export class HostProfile extends Construct {
  readonly role: IRole;
  /** The module's `instance_profile_name`. */
  readonly name: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: 'Hosts of the orchestrator',
    });
    const policy = new Policy(this, 'SessionManager', {
      roles: [this.role],
      statements: [
        new PolicyStatement({
          actions: [
            'ssm:UpdateInstanceInformation',
            'ssmmessages:CreateControlChannel',
            'ssmmessages:CreateDataChannel',
            'ssmmessages:OpenControlChannel',
            'ssmmessages:OpenDataChannel',
          ],
          resources: ['*'],
        }),
      ],
    });
    Validations.of(policy).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The agent of Session Manager opens channels, which are no resources.',
    });
    this.name = new InstanceProfile(this, 'Profile', { role: this.role }).instanceProfileName;
  }
}
