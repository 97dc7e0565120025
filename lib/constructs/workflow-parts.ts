import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { pascal } from './compose-workflows';
import type { Runner } from './runner';
import { type RunnerTask, runnerContainer } from './runner-task';
import type { StepFunction } from './step-function';
import { type Binding, bindBucket, bindFunction, bindList, bindTask, bindText } from './workflow';

export interface WorkflowPartsProps {
  /** Called by workflows as `${<Name>FunctionArn}`. */
  readonly steps: readonly StepFunction[];
  readonly runner: Runner;
  readonly ansibleRunsOn: string;
  /** Where tasks on Fargate run. */
  readonly network: {
    readonly vpc: IVpc;
    readonly workerSubnets: SubnetSelection;
    readonly workerSecurityGroup: ISecurityGroup;
  };
  readonly artifactsBucket: IBucket;
}

/** Of what this environment has not, the name says so. */
const absent = bindText('not-deployed');

const bindIdentity = (task: RunnerTask | undefined): Binding =>
  task ? bindTask(task.cluster, task.taskDefinition) : absent;

const ansibleParts = ({ runner, ansibleRunsOn }: WorkflowPartsProps): Record<string, Binding> => ({
  AnsibleRunsOn: bindText(ansibleRunsOn),
  AnsibleRunnerFunctionArn: runner.ansible ? bindFunction(runner.ansible.function) : absent,
});

const fargateParts = ({
  runner: { tasks },
  network: { vpc, workerSubnets, workerSecurityGroup },
  artifactsBucket,
}: WorkflowPartsProps): Record<string, Binding> => ({
  ClusterArn: tasks.plan ? bindText(tasks.plan.cluster.clusterArn) : absent,
  PlanTaskDefinitionArn: bindIdentity(tasks.plan),
  ApplyTaskDefinitionArn: bindIdentity(tasks.apply),
  AnsibleTaskDefinitionArn: bindIdentity(tasks.ansible),
  RunnerContainerName: bindText(runnerContainer),
  RunnerSubnetIds: bindText(vpc.selectSubnets(workerSubnets).subnetIds.join(',')),
  RunnerSecurityGroupId: bindText(workerSecurityGroup.securityGroupId),
  ArtifactsBucketName: bindBucket(artifactsBucket, 'runs/'),
});

/** Everything that a workflow's file may name but other workflows, by its token. */
export const workflowParts = (props: WorkflowPartsProps): Record<string, Binding> => {
  const { steps, runner, artifactsBucket } = props;
  return {
    ...Object.fromEntries(
      [...steps, runner.plan, runner.apply, runner.script].map(({ name, function: fn }) => [
        `${pascal(name)}FunctionArn`,
        bindFunction(fn),
      ]),
    ),
    CredentialListBucketName: bindList(artifactsBucket, 'runs/*/credentials.json'),
    WorkspaceListBucketName: bindList(artifactsBucket, 'runs/*/workspaces.json'),
    ...ansibleParts(props),
    ...fargateParts(props),
  };
};
