import { Stack, Validations } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './nag-checks';

export interface HostPermissionsProps {
  readonly role: IRole;
  /** `plan` looks, `apply` makes and destroys, `reach` opens an SSH session for a minute. */
  readonly may: 'plan' | 'apply' | 'reach';
}

/** Set by the module `vm` on everything it makes; nothing without it is touched. */
const tag = 'orchestrator:workspace';

const looking = [
  'ec2:DescribeImages',
  'ec2:DescribeInstanceAttribute',
  'ec2:DescribeInstanceCreditSpecifications',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeInstances',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeTags',
  'ec2:DescribeVolumes',
  'ec2:DescribeVpcs',
];

/** What a worker may do to the EC2 instances that are its hosts. */
export class HostPermissions extends Construct {
  constructor(scope: Construct, id: string, { role, may }: HostPermissionsProps) {
    super(scope, id);
    const lookup = new Policy(this, 'Look', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: may === 'reach' ? ['ec2:DescribeInstances'] : looking,
          resources: ['*'],
        }),
      ],
    });
    Validations.of(lookup).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The describing actions of EC2 take no resource.',
    });
    const statements = { plan: [], reach: this.reaching(), apply: this.making() }[may];
    if (statements.length === 0) return;
    const policy = new Policy(this, 'Act', { roles: [role], statements });
    acknowledgeWildcards(policy, {
      matching: /^Resource::arn:aws[\w-]*:ec2:.+\/\*$/,
      reason:
        'Instances are named when they are made; a condition holds it to those that carry the tag of a workspace.',
    });
  }

  private arn(resource: string): string {
    return Stack.of(this).formatArn({ service: 'ec2', resource, resourceName: '*' });
  }

  private get ofAWorkspace() {
    return { StringLike: { [`aws:ResourceTag/${tag}`]: '?*' } };
  }

  private reaching(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['ec2-instance-connect:SendSSHPublicKey', 'ec2:GetConsoleOutput'],
        resources: [this.arn('instance')],
        conditions: this.ofAWorkspace,
      }),
    ];
  }

  private making(): PolicyStatement[] {
    const { region } = Stack.of(this);
    return [
      new PolicyStatement({
        actions: ['ec2:RunInstances'],
        resources: [this.arn('instance'), this.arn('volume')],
        conditions: { StringLike: { [`aws:RequestTag/${tag}`]: '?*' } },
      }),
      new PolicyStatement({
        actions: ['ec2:RunInstances'],
        resources: [
          this.arn('subnet'),
          this.arn('security-group'),
          this.arn('network-interface'),
          Stack.of(this).formatArn({ service: 'ec2', account: '', resource: 'image', resourceName: '*' }),
        ],
        conditions: { StringEquals: { 'aws:RequestedRegion': region } },
      }),
      new PolicyStatement({
        actions: ['ec2:CreateTags'],
        resources: [this.arn('instance'), this.arn('volume')],
        conditions: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
      }),
      new PolicyStatement({
        actions: [
          'ec2:CreateTags',
          'ec2:GetConsoleOutput',
          'ec2:ModifyInstanceAttribute',
          'ec2:StartInstances',
          'ec2:StopInstances',
          'ec2:TerminateInstances',
        ],
        resources: [this.arn('instance')],
        conditions: this.ofAWorkspace,
      }),
    ];
  }
}
