import { ArnFormat, Duration, Size, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { workerAttributes } from '../../lambdas/runners/contract';
import { releasePrefix } from '../../lambdas/shared/release-store';
import type { EnvironmentConfig } from '../config/schema';
import {
  allowAttributes,
  allowInvoking,
  allowItems,
  allowMissing,
  allowObjects,
  allowReading,
  allowSecret,
  allowSecretsBelow,
  allowWriting,
} from './access';
import { CredentialBroker } from './credential-broker';
import { HostPermissions, type HostPermissionsProps } from './host-permissions';
import { HostProfile } from './host-profile';
import { acknowledgeWildcards } from './nag-checks';
import { RunnerImage } from './runner-image';
import { RunnerTask } from './runner-task';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface RunnerProps {
  readonly config: Pick<EnvironmentConfig, 'name' | 'runner' | 'data' | 'targets'>;
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
const onHosts = 'ansible-run,compliance-scan,probe-hosts';

/**
 * One program, deployed with four identities: *plan* reads and *apply* changes what was approved, each with what its
 * broker lends for one workspace; *ansible* reaches hosts and never sees Terraform's state, *script* reaches neither.
 * Each refuses the tasks of the others. Where there is an image, the first three are Fargate tasks too, with roles of
 * their own.
 */
export class Runner extends Construct {
  readonly plan: StepFunction;
  readonly apply: StepFunction;
  /** Who lends the workers of plan and apply what they work with. */
  readonly brokers: Readonly<Record<'plan' | 'apply', StepFunction>>;
  /** What they lend. */
  readonly lentRoles: readonly IRole[];
  /** Scripts of the catalogue. */
  readonly script: StepFunction;
  /** Ansible and compliance, where a function has what they need. */
  readonly ansible: StepFunction | undefined;
  /** Those that this environment runs on Fargate too. */
  readonly tasks: Readonly<Partial<Record<TaskIdentity, RunnerTask>>>;
  /** What hosts on EC2 run as. */
  readonly hostProfile: HostProfile | undefined;

  private readonly props: RunnerProps;
  /** What repositories that are not public are read with. */
  private readonly repositorySecrets: readonly ISecret[];
  private readonly image: RunnerImage | undefined;

  constructor(scope: Construct, id: string, props: RunnerProps) {
    super(scope, id);
    this.props = props;
    const { packaging, ansibleRunsOn, hostAccess, sources } = props.config.runner;
    const secrets = new Set(sources.flatMap(({ credentials }) => credentials ?? []));
    this.repositorySecrets = [...secrets].map((arn, at) =>
      Secret.fromSecretCompleteArn(this, `Repository${at}`, arn),
    );
    this.hostProfile = hostAccess.kind === 'ec2' ? new HostProfile(this, 'Host') : undefined;
    this.image =
      packaging.kind === 'bundle'
        ? undefined
        : new RunnerImage(this, 'Image', {
            packaging,
            encryptionKey: props.stores.dataKey,
            retain: props.config.data.retain,
          });

    const brokers = { plan: this.broker('Plan', 'plan'), apply: this.broker('Apply', 'apply') };
    this.brokers = { plan: brokers.plan.step, apply: brokers.apply.step };
    this.lentRoles = [brokers.plan.role, brokers.apply.role];
    const plan = this.worker('Plan', terraformPlan, this.brokers.plan);
    this.permitPlan(plan);
    this.plan = plan;
    const apply = this.worker('Apply', terraformApply, this.brokers.apply);
    this.permitApply('ApplyWaits', apply);
    this.apply = apply;
    const script = this.worker('Script', 'script-run');
    this.allowApproved(script);
    // It looks for the result of an earlier call.
    allowMissing(script, props.stores.artifactsBucket, 'runs/');
    this.script = script;
    if (ansibleRunsOn === 'lambda') {
      const ansible = this.worker('Ansible', onHosts);
      this.permitAnsible(ansible);
      this.ansible = ansible;
    }
    this.tasks = this.image === undefined ? {} : this.onFargate(this.image);
  }

  private onFargate(image: RunnerImage): Runner['tasks'] {
    const cluster = new Cluster(this, 'Cluster', {
      vpc: this.props.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    }) as ICluster;
    const task = (id: string, tasks: string, broker?: StepFunction): RunnerTask => {
      const made = new RunnerTask(this, id, { cluster, image, environment: this.environment(tasks, broker) });
      this.allowEveryWorker(made, broker);
      return made;
    };
    const plan = task('PlanTask', terraformPlan, this.brokers.plan);
    this.permitPlan(plan);
    const apply = task('ApplyTask', terraformApply, this.brokers.apply);
    this.permitApply('ApplyTaskWaits', apply);
    if (this.ansible) return { plan, apply };
    const ansible = task('AnsibleTask', onHosts);
    this.permitAnsible(ansible);
    return { plan, apply, ansible };
  }

  /** What names of the secrets that roles make begin with. */
  private get secretsPrefix(): string {
    return `orchestrator-${this.props.config.name}/workspaces`;
  }

  private broker(id: string, purpose: 'plan' | 'apply'): CredentialBroker {
    const broker = new CredentialBroker(this, `${id}Credentials`, {
      purpose,
      stores: this.props.stores,
      targets: this.props.config.targets,
    });
    this.allowHosts(`${id}Hosts`, broker.role, purpose);
    return broker;
  }

  private worker(id: string, tasks: string, broker?: StepFunction): StepFunction {
    const { vpc, subnets, securityGroup } = this.props;
    const fn = new StepFunction(this, id, {
      step: 'runners',
      name: `${id.toLowerCase()}-runner`,
      environment: this.environment(tasks, broker),
      // The longest that Lambda gives; the runner keeps a margin of it for the tool to save its state.
      timeout: Duration.minutes(15),
      memorySize: 2048,
      ephemeralStorageSize: Size.mebibytes(2048),
      ...(this.hostProfile && { vpc, vpcSubnets: subnets, securityGroups: [securityGroup] }),
      ...(this.image && { image: this.image.code() }),
    });
    this.image?.awaitedBy(fn);
    this.allowEveryWorker(fn, broker);
    return fn;
  }

  private environment(tasks: string, broker?: StepFunction): Record<string, string> {
    const { hostAccess, policyEnvironment, providerMirror, sources } = this.props.config.runner;
    return {
      STATE_BUCKET: this.props.stores.stateBucket.bucketName,
      STATE_KEY_ARN: this.props.stores.stateKey.keyArn,
      ARTIFACTS_BUCKET: this.props.stores.artifactsBucket.bucketName,
      APPROVALS_TABLE: this.props.stores.approvalsTable.tableName,
      RUNS_TABLE: this.props.stores.runsTable.tableName,
      WORKSPACES_TABLE: this.props.stores.workspacesTable.tableName,
      RUNNER_TASKS: tasks,
      ...(tasks === onHosts && { SECRETS_PREFIX: this.secretsPrefix }),
      ...(broker && { CREDENTIAL_BROKER: broker.function.functionName }),
      HOST_ACCESS: hostAccess.kind,
      ...(hostAccess.kind === 'controller' && {
        HOST_CONTROLLER_URL: hostAccess.url,
        HOST_CONTROLLER_TOKEN_FILE: hostAccess.tokenFile,
      }),
      ...(sources.length > 0 && { GIT_SOURCES: JSON.stringify(sources) }),
      ...(policyEnvironment !== undefined && { POLICY_ENVIRONMENT: policyEnvironment }),
      ...(providerMirror !== undefined && { PROVIDER_MIRROR: providerMirror }),
    };
  }

  /** Its reports, the sign that it lives, and asking for what it may not do as itself. */
  private allowEveryWorker(worker: IGrantable, broker?: StepFunction): void {
    if (broker) allowInvoking(worker, broker);
    allowAttributes(worker, this.props.stores.runsTable, workerAttributes);
    allowReading(worker, this.props.stores.artifactsBucket, 'runs/');
    allowWriting(worker, this.props.stores.artifactsBucket, 'runs/');
  }

  /** The decision that it may act on, and whether a newer plan voided it. */
  private allowApproved(worker: IGrantable): void {
    allowItems(worker, this.props.stores.approvalsTable, ['GetItem']);
    allowItems(worker, this.props.stores.workspacesTable, ['GetItem']);
  }

  private permitPlan(worker: Worker): void {
    this.allowLatestPlan(worker);
    this.allowKeeping(worker);
    for (const secret of this.repositorySecrets) allowSecret(worker, secret);
    // Nothing is planned while a rescued state waits.
    allowObjects(worker, this.props.stores.artifactsBucket, 'rescue/*', ['GetObject']);
    allowMissing(worker, this.props.stores.artifactsBucket, 'rescue/');
  }

  private permitApply(hostsId: string, worker: Worker): void {
    const { artifactsBucket } = this.props.stores;
    allowWriting(worker, artifactsBucket, 'plans/');
    allowObjects(worker, artifactsBucket, 'rescue/*', ['PutObject']);
    this.allowApproved(worker);
    // It looks for the result of an earlier call.
    allowMissing(worker, artifactsBucket, 'runs/');
    allowReading(worker, artifactsBucket, 'content/');
    // It waits until the hosts that it made answer.
    this.allowHosts(hostsId, worker.role, 'wait');
  }

  private permitAnsible(worker: Worker): void {
    this.allowApproved(worker);
    this.allowKeeping(worker);
    allowReading(worker, this.props.stores.artifactsBucket, releasePrefix);
    allowMissing(worker, this.props.stores.artifactsBucket, releasePrefix);
    this.allowHosts('AnsibleHosts', worker.role, 'reach');
    allowSecretsBelow(
      worker,
      Stack.of(this).formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: this.secretsPrefix,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    acknowledgeWildcards(worker.role, {
      matching: /:secret:[^*]*\/workspaces\/\*$/,
      reason: 'Secrets that roles make: their names carry the workspace, below one prefix.',
    });
  }

  /** Modules and roles by their digest: kept when they are first planned, read where a workspace is pinned to them. */
  private allowKeeping(worker: IGrantable): void {
    allowReading(worker, this.props.stores.artifactsBucket, 'content/');
    allowWriting(worker, this.props.stores.artifactsBucket, 'content/');
    allowMissing(worker, this.props.stores.artifactsBucket, 'content/');
  }

  private allowHosts(id: string, role: IRole, may: HostPermissionsProps['may']): void {
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
}
