import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetConfiguration,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { describeEgress, egressCosts } from '../constructs/egress-cost';

export interface NetworkStackProps extends StackProps {
  readonly config: Pick<EnvironmentConfig, 'zones' | 'network' | 'logRetentionDays' | 'data'>;
}

/** The AWS interfaces that a worker calls; S3 and DynamoDB have gateway endpoints, which cost nothing. */
const workerServices = {
  Kms: InterfaceVpcEndpointAwsService.KMS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Lambda: InterfaceVpcEndpointAwsService.LAMBDA,
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Sts: InterfaceVpcEndpointAwsService.STS,
  Ec2: InterfaceVpcEndpointAwsService.EC2,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrImages: InterfaceVpcEndpointAwsService.ECR_DOCKER,
};

/** A VPC over two zones: workers in one tier, the hosts they make in another, no way in from outside. */
export class NetworkStack extends Stack {
  readonly vpc: IVpc;
  /** Where workers run. */
  readonly workerSubnets: SubnetSelection = { subnetGroupName: 'orchestrator' };
  /** Where hosts run. */
  readonly workloadSubnets: SubnetSelection = { subnetGroupName: 'workload' };
  readonly workerSecurityGroup: SecurityGroup;
  /** What each way out costs, the chosen one first. */
  readonly egressSummary: string;
  private readonly zones: readonly string[];

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    const { zones, network, logRetentionDays, data } = props.config;
    this.zones = zones;
    const isolated = network.egress !== 'nat';
    const tier = isolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS;
    const subnetConfiguration: SubnetConfiguration[] = [
      { name: 'orchestrator', subnetType: tier, cidrMask: 26 },
      { name: 'workload', subnetType: tier, cidrMask: 26 },
      ...(isolated
        ? []
        : [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false }]),
    ];
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(network.cidr),
      availabilityZones: [...zones],
      natGateways: isolated ? 0 : 1,
      subnetConfiguration,
      restrictDefaultSecurityGroup: true,
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    }) as IVpc;
    Validations.of(this.vpc).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: 'The zones are configuration: finding them out would need credentials at synth.',
    });
    this.vpc.addFlowLog('FlowLog', {
      trafficType: FlowLogTrafficType.ALL,
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'FlowLogs', {
          retention: logRetentionDays as RetentionDays,
          removalPolicy: data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        }),
      ),
    });

    this.workerSecurityGroup = this.securityGroup('Workers', 'Runners of the orchestrator: nothing gets in');
    // Hosts bring security groups of their own, which admit this one.
    for (const subnet of this.vpc.selectSubnets(this.workloadSubnets).subnets)
      for (const port of [22, 80, 443, 5432, 8080])
        this.workerSecurityGroup.addEgressRule(
          Peer.ipv4(subnet.ipv4CidrBlock),
          Port.tcp(port),
          `Runners configure and check hosts on port ${port}`,
        );
    // The address ranges behind the gateway endpoints cannot be named without a look-up. Without a NAT gateway
    // nothing else routes there.
    this.workerSecurityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS and registries over TLS');

    if (network.egress === 'endpoints') this.addInterfaceEndpoints();
    const costs = egressCosts(zones.length, Object.keys(workerServices).length);
    this.egressSummary = describeEgress(network.egress, costs);
    this.publish();
  }

  /** Named in the configuration: a look-up would need credentials. */
  override get availabilityZones(): string[] {
    return [...this.zones];
  }

  /** What a module's variables ask for, beside the cost of the way out. */
  private publish(): void {
    const outputs: Record<string, [string, string]> = {
      EgressCost: [this.egressSummary, 'Cost of each way out'],
      VpcId: [this.vpc.vpcId, 'The module variable vpc_id'],
      WorkloadSubnetIds: [
        this.vpc.selectSubnets(this.workloadSubnets).subnetIds.join(','),
        'Values for the module variable subnet_id',
      ],
      WorkerSecurityGroupId: [
        this.workerSecurityGroup.securityGroupId,
        'The module variable worker_security_group_id',
      ],
    };
    for (const [id, [value, description]] of Object.entries(outputs))
      new CfnOutput(this, id, { value, description });
  }

  private securityGroup(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  private addInterfaceEndpoints(): void {
    const group = this.securityGroup('Endpoints', 'Interface endpoints: TLS from runners alone');
    group.addIngressRule(this.workerSecurityGroup, Port.tcp(443), 'Runners call AWS');
    for (const [id, service] of Object.entries(workerServices))
      this.vpc.addInterfaceEndpoint(id, {
        service,
        subnets: this.workerSubnets,
        securityGroups: [group],
        open: false,
      });
  }
}
