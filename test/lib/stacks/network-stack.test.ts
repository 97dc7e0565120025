import { Match, Template } from 'aws-cdk-lib/assertions';
import type { EnvironmentInput } from '../../../lib/config/schema';
import { NetworkStack } from '../../../lib/stacks/network-stack';
import { environment, infraApp } from '../../support/infra-app';

const stackOf = (change: (input: EnvironmentInput) => EnvironmentInput = (input) => input): NetworkStack => {
  const config = environment('poc', change);
  return new NetworkStack(infraApp(), 'network', { env: { region: config.region }, config });
};
const withoutNat = (egress: 'endpoints' | 'none') => (input: EnvironmentInput) => ({
  ...input,
  network: { ...input.network, egress },
  runner: {
    ...input.runner,
    hostAccess: { kind: 'controller' as const, url: 'http://127.0.0.1:4580', tokenFile: 'token' },
  },
});
const poc = Template.fromStack(stackOf());
const endpoints = Template.fromStack(stackOf(withoutNat('endpoints')));

const ingressRules = (template: Template): Record<string, unknown>[] => [
  ...Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(
    ({ Properties }) => Properties,
  ),
  ...Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(
    ({ Properties }) => Properties.SecurityGroupIngress ?? [],
  ),
];

test('with egress nat nothing gets in', () => {
  expect(ingressRules(poc)).toEqual([]);
});

test('with egress endpoints runners alone get to the endpoints', () => {
  const rules = ingressRules(endpoints);
  expect(rules).toHaveLength(1);
  expect(rules[0]).toMatchObject({ FromPort: 443, ToPort: 443 });
  expect(rules[0]).toHaveProperty('SourceSecurityGroupId');
});

test('runners reach hosts by SSH and HTTP in the subnets of hosts, and else TLS alone', () => {
  const subnets = Object.values(poc.findResources('AWS::EC2::Subnet'))
    .map(({ Properties }) => Properties)
    .filter(({ Tags }) => JSON.stringify(Tags).includes('workload'))
    .map(({ CidrBlock }) => CidrBlock);
  expect(subnets).toHaveLength(2);
  poc.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: Match.arrayWith(
      subnets.map((CidrIp) => Match.objectLike({ CidrIp, FromPort: 22, ToPort: 22 })),
    ),
  });
  const rules: { CidrIp: string }[] = Object.values(poc.findResources('AWS::EC2::SecurityGroup')).flatMap(
    ({ Properties }) => Properties.SecurityGroupEgress,
  );
  const elsewhere = rules.filter(({ CidrIp }) => !subnets.includes(CidrIp));
  expect(elsewhere).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })]);
});

test('what a module asks for is published', () => {
  for (const name of ['VpcId', 'WorkloadSubnetIds', 'WorkerSecurityGroupId']) poc.hasOutput(name, {});
});

test('the default security group is emptied', () => {
  poc.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);
});

test('egress nat is one NAT gateway and no interface endpoint', () => {
  poc.resourceCountIs('AWS::EC2::NatGateway', 1);
  poc.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 0);
  poc.resourceCountIs('AWS::EC2::Subnet', 6);
});

test('egress endpoints has no NAT gateway, no public subnet and no way to the internet', () => {
  endpoints.resourceCountIs('AWS::EC2::NatGateway', 0);
  endpoints.resourceCountIs('AWS::EC2::InternetGateway', 0);
  endpoints.resourceCountIs('AWS::EC2::Subnet', 4);
  endpoints.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 8);
});

test.each([
  ['nat', poc],
  ['endpoints', endpoints],
  ['none', Template.fromStack(stackOf(withoutNat('none')))],
])('with egress %s, S3 and DynamoDB have gateway endpoints', (_name, template) => {
  template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }, 2);
});

test('no subnet gives out public addresses', () => {
  poc.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
});

test('the zones are those of the configuration', () => {
  for (const zone of ['eu-central-1a', 'eu-central-1b'])
    poc.resourcePropertiesCountIs('AWS::EC2::Subnet', { AvailabilityZone: zone }, 3);
});

test('all traffic is logged, and the log ends', () => {
  poc.hasResourceProperties('AWS::EC2::FlowLog', {
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
  });
  poc.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
});

test('the cost of each way out is published, the chosen one first', () => {
  poc.hasOutput('EgressCost', {
    Value: Match.stringLikeRegexp(
      '^nat \\(chosen\\): 41\\.61 USD a month .*endpoints: 140\\.16 USD .*none: 0\\.00 USD',
    ),
  });
});
