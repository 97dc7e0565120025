import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerInsights,
  CpuArchitecture,
  FargateTaskDefinition,
  type ICluster,
  type ITaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './nag-checks';
import { OperationDefaults } from './operation-defaults';
import type { RunnerImage } from './runner-image';

export interface AnsibleTaskProps {
  readonly vpc: IVpc;
  readonly image: RunnerImage;
  /** What the runner reads; names of resources, no secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The runner's command-line entry as a Fargate task: Ansible needs `/dev/shm`, which Lambda has not. */
export class AnsibleTask extends Construct {
  readonly taskDefinition: FargateTaskDefinition;
  /** What `ecs:runTask.sync` names. */
  readonly target: {
    readonly cluster: ICluster;
    readonly taskDefinition: ITaskDefinition;
    readonly containerName: string;
  };

  constructor(scope: Construct, id: string, props: AnsibleTaskProps) {
    super(scope, id);
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    const cluster = new Cluster(this, 'Cluster', {
      vpc: props.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    this.taskDefinition = new FargateTaskDefinition(this, 'Task', {
      cpu: 1024,
      memoryLimitMiB: 2048,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.X86_64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const container = this.taskDefinition.addContainer('runner', {
      image: props.image.container(),
      entryPoint: ['node', 'main.js'],
      environment: { ...props.environment, AWS_REGION: Stack.of(this).region },
      // The most that Fargate gives a stopped task: the tool is interrupted, the log and the report are saved.
      stopTimeout: Duration.seconds(120),
      logging: LogDrivers.awsLogs({
        streamPrefix: 'runner',
        logGroup: new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: logRemoval }),
      }),
    });
    props.image.awaitedBy(this.taskDefinition);
    this.target = {
      cluster: cluster as ICluster,
      taskDefinition: this.taskDefinition as ITaskDefinition,
      containerName: container.containerName,
    };
    Validations.of(this.taskDefinition).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'The variables name buckets, tables and keys; no secret is among them.',
    });
    acknowledgeWildcards(
      this,
      { matching: /^Resource::\*$/, reason: 'ecr:GetAuthorizationToken takes no resource.' },
      {
        matching: /^Resource::.+\/\*$/,
        reason:
          'Objects of runs: their keys carry ids that are made at run time, below a fixed prefix of one bucket.',
      },
    );
  }
}
