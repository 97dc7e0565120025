import { Duration, Size, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { type IGrantable, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { allowItems, allowMissing, allowObjects, allowReading, allowWriting } from './access';
import { HostPermissions } from './host-permissions';
import { HostProfile } from './host-profile';
import { RunnerImage } from './runner-image';
import { RunnerTask } from './runner-task';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface RunnerProps {
  readonly config: Pick<EnvironmentConfig, 'runner' | 'data'>;
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  readonly stores: Stores;
}

/** Who the runner may be as a Fargate task. */
export type TaskIdentity = 'plan' | 'apply' | 'ansible';

/** A function or a task, and what it may do. */
type Worker = IGrantable & { readonly role: IRole };

const terraformPlan = 'terraform-plan';
const terraformApply = 'terraform-apply';
const ansibleAndCompliance = 'ansible-run,compliance-scan';

/**
 * One program, deployed with four identities: *plan* reads, *apply* changes what was approved, *ansible* reaches
 * hosts and never sees Terraform's state, *script* reaches neither. Each refuses the tasks of the others. Where there
 * is an image, the first three are Fargate tasks too, with roles of their own.
 */
export class Runner extends Construct {
  readonly plan: IFunction;
  readonly apply: IFunction;
  /** Scripts of the catalogue. */
  readonly script: IFunction;
  /** Ansible and compliance, where a function has what they need. */
  readonly ansible: IFunction | undefined;
  /** Those that this environment runs on Fargate too. */
  readonly tasks: Readonly<Partial<Record<TaskIdentity, RunnerTask>>>;
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

    const plan = this.worker('Plan', terraformPlan);
    this.permitPlan('PlanHosts', plan);
    this.plan = plan.function;
    const apply = this.worker('Apply', terraformApply);
    this.permitApply('ApplyHosts', apply);
    this.apply = apply.function;
    const script = this.worker('Script', 'script-run');
    this.allowApproved(script);
    // It looks for the result of an earlier call.
    allowMissing(script, props.stores.artifactsBucket, 'runs/');
    this.script = script.function;
    if (ansibleRunsOn === 'lambda') {
      const ansible = this.worker('Ansible', ansibleAndCompliance);
      this.permitAnsible(ansible);
      this.ansible = ansible.function;
    }
    this.tasks = this.image === undefined ? {} : this.onFargate(this.image);
  }

  private onFargate(image: RunnerImage): Runner['tasks'] {
    const cluster = new Cluster(this, 'Cluster', {
      vpc: this.props.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    }) as ICluster;
    const task = (id: string, tasks: string): RunnerTask => {
      const made = new RunnerTask(this, id, { cluster, image, environment: this.environment(tasks) });
      this.allowEveryWorker(made);
      return made;
    };
    const plan = task('PlanTask', terraformPlan);
    this.permitPlan('PlanTaskHosts', plan);
    const apply = task('ApplyTask', terraformApply);
    this.permitApply('ApplyTaskHosts', apply);
    if (this.ansible) return { plan, apply };
    const ansible = task('AnsibleTask', ansibleAndCompliance);
    this.permitAnsible(ansible);
    return { plan, apply, ansible };
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
      WORKSPACES_TABLE: this.props.stores.workspacesTable.tableName,
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

  /** The decision that it may act on, and whether a newer plan voided it. */
  private allowApproved(worker: IGrantable): void {
    allowItems(worker, this.props.stores.approvalsTable, ['GetItem']);
    allowItems(worker, this.props.stores.workspacesTable, ['GetItem']);
  }

  private permitPlan(hostsId: string, worker: Worker): void {
    this.allowLatestPlan(worker);
    this.allowState(worker, ['s3:GetObject']);
    this.allowKeeping(worker);
    // Nothing is planned while a rescued state waits.
    allowObjects(worker, this.props.stores.artifactsBucket, 'rescue/*', ['GetObject']);
    allowMissing(worker, this.props.stores.artifactsBucket, 'rescue/');
    this.allowHosts(hostsId, worker.role, 'plan');
  }

  private permitApply(hostsId: string, worker: Worker): void {
    allowWriting(worker, this.props.stores.artifactsBucket, 'plans/');
    this.allowState(worker, ['s3:GetObject', 's3:PutObject']);
    allowObjects(worker, this.props.stores.artifactsBucket, 'rescue/*', ['PutObject']);
    this.allowApproved(worker);
    // It looks for the result of an earlier call.
    allowMissing(worker, this.props.stores.artifactsBucket, 'runs/');
    allowReading(worker, this.props.stores.artifactsBucket, 'content/');
    this.allowHosts(hostsId, worker.role, 'apply');
  }

  private permitAnsible(worker: Worker): void {
    this.allowApproved(worker);
    this.allowKeeping(worker);
    this.allowHosts('AnsibleHosts', worker.role, 'reach');
  }

  /** Modules and roles by their digest: kept when they are first planned, read where a workspace is pinned to them. */
  private allowKeeping(worker: IGrantable): void {
    allowReading(worker, this.props.stores.artifactsBucket, 'content/');
    allowWriting(worker, this.props.stores.artifactsBucket, 'content/');
    allowMissing(worker, this.props.stores.artifactsBucket, 'content/');
  }

  private allowHosts(id: string, role: IRole, may: 'plan' | 'apply' | 'reach'): void {
    if (!this.hostProfile) return;
    new HostPermissions(this, id, { role, may, vpc: this.props.vpc, hostRole: this.hostProfile.role });
  }

  /** Where the last plan of a workspace lies, to say what differs from it. */
  private allowLatestPlan(worker: IGrantable): void {
    const { artifactsBucket } = this.props.stores;
    allowReading(worker, artifactsBucket, 'plans/');
    allowWriting(worker, artifactsBucket, 'plans/');
    allowMissing(worker, artifactsBucket, 'plans/');
  }

  /** Terraform's state, and the lock beside it, which every command takes and gives back. */
  private allowState(worker: IGrantable, actions: string[]): void {
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
      worker.grantPrincipal.addToPrincipalPolicy(statement);
  }
}
