import { Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  CpuArchitecture,
  FargateTaskDefinition,
  type ICluster,
  type ITaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import type { IGrantable, IPrincipal, IRole } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './nag-checks';
import { OperationDefaults } from './operation-defaults';
import type { RunnerImage } from './runner-image';

/** The most that Fargate gives a stopped task. */
const stopTimeout = Duration.seconds(120);

/** The container's name, by which `ecs:runTask` gives it its arguments. */
export const runnerContainer = 'runner';

export interface RunnerTaskProps {
  readonly cluster: ICluster;
  readonly image: RunnerImage;
  /** What the runner reads; names of resources, no secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One identity of the runner as a Fargate task, at its command-line entry. */
export class RunnerTask extends Construct implements IGrantable {
  readonly cluster: ICluster;
  readonly taskDefinition: ITaskDefinition;
  /** What the work itself may do; starting and logging it is another role's. */
  readonly role: IRole;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: RunnerTaskProps) {
    super(scope, id);
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    this.cluster = props.cluster;
    const taskDefinition = new FargateTaskDefinition(this, 'Task', {
      cpu: 1024,
      memoryLimitMiB: 2048,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.X86_64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    this.taskDefinition = taskDefinition as ITaskDefinition;
    this.role = taskDefinition.taskRole;
    this.grantPrincipal = this.role.grantPrincipal;
    taskDefinition.addContainer(runnerContainer, {
      image: props.image.container(),
      entryPoint: ['node', 'main.js'],
      environment: {
        ...props.environment,
        AWS_REGION: Stack.of(this).region,
        // A little less, so that log and report are there before the end.
        DEADLINE_MARGIN_SECONDS: String(stopTimeout.toSeconds() - 10),
      },
      stopTimeout,
      logging: LogDrivers.awsLogs({
        streamPrefix: 'runner',
        logGroup: new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: logRemoval }),
      }),
    });
    props.image.awaitedBy(taskDefinition);
    Validations.of(taskDefinition).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'The variables name buckets, tables and keys; no secret is among them.',
    });
    acknowledgeWildcards(taskDefinition.obtainExecutionRole(), {
      matching: /^Resource::\*$/,
      reason: 'ecr:GetAuthorizationToken takes no resource.',
    });
    acknowledgeWildcards(this.role, {
      matching: /^Resource::.+\/\*(\.tfstate(\.tflock)?)?$/,
      reason:
        'Objects of runs and states: their keys carry run ids and workspaces, below fixed prefixes of one bucket.',
    });
  }
}
