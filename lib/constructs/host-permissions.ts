import { Stack, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './nag-checks';

export interface HostPermissionsProps {
  readonly role: IRole;
  /**
   * `plan` looks, `apply` makes and destroys, both in a session of one workspace; `wait` sees whether hosts answer,
   * `reach` opens an SSH session for a minute.
   */
  readonly may: 'plan' | 'apply' | 'wait' | 'reach';
  /** Where hosts may stand. */
  readonly vpc: IVpc;
  /** What hosts themselves may do; nothing else may be handed to them. */
  readonly hostRole: IRole;
}

/** Set through the provider on everything that a module makes; nothing without it is touched. */
const tag = 'orchestrator:workspace';
const sessionWorkspace = `\${aws:PrincipalTag/workspace}`;

const looking = [
  'ec2:DescribeImages',
  'ec2:DescribeInstanceAttribute',
  'ec2:DescribeInstanceCreditSpecifications',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeInstances',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroupRules',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeTags',
  'ec2:DescribeVolumes',
  'ec2:DescribeVpcs',
];

/** What a worker may do to the EC2 instances that are its hosts, and to their security groups. */
export class HostPermissions extends Construct {
  private readonly vpc: IVpc;
  private readonly hostRole: IRole;

  constructor(scope: Construct, id: string, { role, may, vpc, hostRole }: HostPermissionsProps) {
    super(scope, id);
    this.vpc = vpc;
    this.hostRole = hostRole;
    const lookup = new Policy(this, 'Look', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: may === 'plan' || may === 'apply' ? looking : ['ec2:DescribeInstances'],
          resources: ['*'],
        }),
      ],
    });
    Validations.of(lookup).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The describing actions of EC2 take no resource.',
    });
    const statements = {
      plan: [],
      wait: this.reading(),
      reach: this.reading('ec2-instance-connect:SendSSHPublicKey'),
      apply: [...this.makingInstances(), ...this.makingSecurityGroups(), ...this.changing()],
    }[may];
    if (statements.length === 0) return;
    const policy = new Policy(this, 'Act', { roles: [role], statements });
    acknowledgeWildcards(policy, {
      matching: /^Resource::arn:aws[\w-]*:ec2:.+\/\*$/,
      reason:
        'Instances, volumes and security groups are named when they are made; conditions hold it to those that carry the tag of a workspace, and to one VPC.',
    });
  }

  private arn(resource: string): string {
    return Stack.of(this).formatArn({ service: 'ec2', resource, resourceName: '*' });
  }

  /** Of whatever workspace. */
  private get tagged() {
    return { StringLike: { [`aws:ResourceTag/${tag}`]: '?*' } };
  }

  /** Of the workspace that the session was lent for. */
  private get own() {
    return { StringEquals: { [`aws:ResourceTag/${tag}`]: sessionWorkspace } };
  }

  private get madeOwn() {
    return { StringEquals: { [`aws:RequestTag/${tag}`]: sessionWorkspace } };
  }

  private get inVpc() {
    return { ArnEquals: { 'ec2:Vpc': this.vpc.vpcArn } };
  }

  /** Hosts print their keys on the console. */
  private reading(...more: string[]): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['ec2:GetConsoleOutput', ...more],
        resources: [this.arn('instance')],
        conditions: this.tagged,
      }),
    ];
  }

  private makingInstances(): PolicyStatement[] {
    const image = Stack.of(this).formatArn({
      service: 'ec2',
      account: '',
      resource: 'image',
      resourceName: '*',
    });
    return [
      new PolicyStatement({
        actions: ['ec2:RunInstances'],
        resources: [this.arn('instance')],
        conditions: this.madeOwn,
      }),
      new PolicyStatement({
        actions: ['ec2:RunInstances'],
        resources: [this.arn('volume')],
        conditions: { Bool: { 'ec2:Encrypted': 'true' } },
      }),
      new PolicyStatement({
        actions: ['ec2:RunInstances'],
        resources: [this.arn('subnet'), this.arn('security-group'), this.arn('network-interface')],
        conditions: this.inVpc,
      }),
      new PolicyStatement({ actions: ['ec2:RunInstances'], resources: [image] }),
      // The provider tags the root volume in a call of its own, after the instance is there.
      new PolicyStatement({
        actions: ['ec2:CreateTags'],
        resources: [this.arn('volume')],
        conditions: { ...this.madeOwn, Null: { [`aws:ResourceTag/${tag}`]: 'true' } },
      }),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.hostRole.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      }),
    ];
  }

  private makingSecurityGroups(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['ec2:CreateSecurityGroup'],
        resources: [this.arn('security-group')],
        conditions: this.madeOwn,
      }),
      new PolicyStatement({ actions: ['ec2:CreateSecurityGroup'], resources: [this.vpc.vpcArn] }),
      new PolicyStatement({
        actions: ['ec2:AuthorizeSecurityGroupEgress', 'ec2:AuthorizeSecurityGroupIngress'],
        resources: [this.arn('security-group-rule')],
        conditions: this.madeOwn,
      }),
    ];
  }

  /** Of what a workspace has. A tag may be changed, but not the one that says whose it is. */
  private changing(): PolicyStatement[] {
    const resources = ['instance', 'volume', 'security-group', 'security-group-rule'].map((one) =>
      this.arn(one),
    );
    return [
      new PolicyStatement({
        actions: ['ec2:CreateTags'],
        resources,
        conditions: {
          StringEquals: {
            'ec2:CreateAction': [
              'AuthorizeSecurityGroupEgress',
              'AuthorizeSecurityGroupIngress',
              'CreateSecurityGroup',
              'RunInstances',
            ],
          },
        },
      }),
      new PolicyStatement({
        actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
        resources,
        conditions: {
          ...this.own,
          'ForAllValues:StringNotEquals': { 'aws:TagKeys': [tag] },
        },
      }),
      new PolicyStatement({
        actions: [
          'ec2:GetConsoleOutput',
          'ec2:ModifyInstanceAttribute',
          'ec2:ModifyInstanceMetadataOptions',
          'ec2:MonitorInstances',
          'ec2:StartInstances',
          'ec2:StopInstances',
          'ec2:TerminateInstances',
          'ec2:UnmonitorInstances',
        ],
        resources: [this.arn('instance')],
        conditions: this.own,
      }),
      new PolicyStatement({
        actions: ['ec2:ModifyVolume'],
        resources: [this.arn('volume')],
        conditions: this.own,
      }),
      new PolicyStatement({
        actions: [
          'ec2:AuthorizeSecurityGroupEgress',
          'ec2:AuthorizeSecurityGroupIngress',
          'ec2:DeleteSecurityGroup',
          'ec2:ModifySecurityGroupRules',
          'ec2:RevokeSecurityGroupEgress',
          'ec2:RevokeSecurityGroupIngress',
        ],
        resources: [this.arn('security-group'), this.arn('security-group-rule')],
        conditions: this.own,
      }),
    ];
  }
}
