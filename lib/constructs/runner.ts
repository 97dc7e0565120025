import { Duration, Size, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ICluster, ITaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { type IGrantable, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { allowItems, allowMissing, allowReading, allowWriting } from './access';
import { AnsibleTask } from './ansible-task';
import { HostPermissions } from './host-permissions';
import { HostProfile } from './host-profile';
import { RunnerImage } from './runner-image';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface RunnerProps {
  readonly config: Pick<EnvironmentConfig, 'runner' | 'data'>;
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  readonly stores: Stores;
}

/** What the workflow needs to run Ansible as a task. */
export interface RunnerTask {
  readonly cluster: ICluster;
  readonly taskDefinition: ITaskDefinition;
  readonly containerName: string;
  readonly securityGroup: ISecurityGroup;
  readonly subnets: SubnetSelection;
}

/**
 * One program, deployed with four identities: *plan* reads, *apply* changes what was approved, *ansible* reaches
 * hosts and never sees Terraform's state, *script* reaches neither. Each refuses the tasks of the others.
 */
export class Runner extends Construct {
  readonly plan: IFunction;
  readonly apply: IFunction;
  /** Scripts of the catalogue. */
  readonly script: IFunction;
  /** Ansible and compliance as a function, where it runs as one. */
  readonly ansible: IFunction | undefined;
  /** Ansible and compliance as a Fargate task, where it runs as one. */
  readonly ansibleTask: RunnerTask | undefined;
  /** What hosts on EC2 run as. */
  readonly hostProfile: HostProfile | undefined;

  private readonly props: RunnerProps;
  private readonly image: RunnerImage | undefined;

  constructor(scope: Construct, id: string, props: RunnerProps) {
    super(scope, id);
    this.props = props;
    const { packaging, ansibleRunsOn, hostAccess } = props.config.runner;
    this.hostProfile = hostAccess.kind === 'ec2' ? new HostProfile(this, 'Host') : undefined;
    this.image =
      packaging.kind === 'bundle'
        ? undefined
        : new RunnerImage(this, 'Image', {
            packaging,
            encryptionKey: props.stores.dataKey,
            retain: props.config.data.retain,
          });

    const plan = this.worker('Plan', 'terraform-plan');
    this.allowState(plan, ['s3:GetObject']);
    const apply = this.worker('Apply', 'terraform-apply');
    this.allowState(apply, ['s3:GetObject', 's3:PutObject']);
    this.allowApproved(apply);
    // It looks for the result of an earlier call.
    allowMissing(apply, props.stores.artifactsBucket, 'runs/');
    this.allowHosts('PlanHosts', plan.role, 'plan');
    this.allowHosts('ApplyHosts', apply.role, 'apply');
    this.plan = plan.function;
    this.apply = apply.function;

    const script = this.worker('Script', 'script-run');
    this.allowApproved(script);
    // It looks for the result of an earlier call.
    allowMissing(script, props.stores.artifactsBucket, 'runs/');
    this.script = script.function;

    const tasks = 'ansible-run,compliance-scan';
    if (ansibleRunsOn === 'lambda') {
      const ansible = this.worker('Ansible', tasks);
      this.allowAnsible(ansible.role);
      this.ansible = ansible.function;
    } else if (this.image) {
      const { vpc, subnets, securityGroup } = props;
      const task = new AnsibleTask(this, 'AnsibleTask', {
        vpc,
        image: this.image,
        environment: this.environment(tasks),
      });
      this.allowEveryWorker(task.taskDefinition.taskRole);
      this.allowAnsible(task.taskDefinition.taskRole);
      this.ansibleTask = { ...task.target, securityGroup, subnets };
    }
  }

  private worker(id: string, tasks: string): StepFunction {
    const { vpc, subnets, securityGroup } = this.props;
    const fn = new StepFunction(this, id, {
      step: 'runners',
      environment: this.environment(tasks),
      // The longest that Lambda gives; the runner keeps a margin of it for the tool to save its state.
      timeout: Duration.minutes(15),
      memorySize: 2048,
      ephemeralStorageSize: Size.mebibytes(2048),
      ...(this.hostProfile && { vpc, vpcSubnets: subnets, securityGroups: [securityGroup] }),
      ...(this.image && { image: this.image.code() }),
    });
    this.image?.awaitedBy(fn);
    this.allowEveryWorker(fn);
    return fn;
  }

  private environment(tasks: string): Record<string, string> {
    const { hostAccess, providerMirror } = this.props.config.runner;
    return {
      STATE_BUCKET: this.props.stores.stateBucket.bucketName,
      STATE_KEY_ARN: this.props.stores.stateKey.keyArn,
      ARTIFACTS_BUCKET: this.props.stores.artifactsBucket.bucketName,
      APPROVALS_TABLE: this.props.stores.approvalsTable.tableName,
      RUNS_TABLE: this.props.stores.runsTable.tableName,
      RUNNER_TASKS: tasks,
      HOST_ACCESS: hostAccess.kind,
      ...(hostAccess.kind === 'controller' && {
        HOST_CONTROLLER_URL: hostAccess.url,
        HOST_CONTROLLER_TOKEN_FILE: hostAccess.tokenFile,
      }),
      ...(providerMirror !== undefined && { PROVIDER_MIRROR: providerMirror }),
    };
  }

  /** Its reports and the sign that it lives. */
  private allowEveryWorker(worker: IGrantable): void {
    allowItems(worker, this.props.stores.runsTable, ['UpdateItem']);
    allowReading(worker, this.props.stores.artifactsBucket, 'runs/');
    allowWriting(worker, this.props.stores.artifactsBucket, 'runs/');
  }

  /** The decision that it may act on. */
  private allowApproved(worker: IGrantable): void {
    allowItems(worker, this.props.stores.approvalsTable, ['GetItem']);
  }

  private allowAnsible(role: IRole): void {
    this.allowApproved(role);
    this.allowHosts('AnsibleHosts', role, 'reach');
  }

  private allowHosts(id: string, role: IRole, may: 'plan' | 'apply' | 'reach'): void {
    if (!this.hostProfile) return;
    new HostPermissions(this, id, { role, may, vpc: this.props.vpc, hostRole: this.hostProfile.role });
  }

  /** Terraform's state, and the lock beside it, which every command takes and gives back. */
  private allowState(worker: StepFunction, actions: string[]): void {
    const { stateBucket, stateKey } = this.props.stores;
    const { region } = Stack.of(this);
    for (const statement of [
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [stateBucket.bucketArn] }),
      new PolicyStatement({ actions, resources: [stateBucket.arnForObjects('*.tfstate')] }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        resources: [stateBucket.arnForObjects('*.tfstate.tflock')],
      }),
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [stateKey.keyArn],
        // Through S3, and directly: OpenTofu encrypts state and plan itself, without an encryption context.
        conditions: { StringEqualsIfExists: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
      }),
    ])
      worker.function.addToRolePolicy(statement);
  }
}
