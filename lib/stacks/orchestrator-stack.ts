import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { release } from '../config/release';
import type { EnvironmentConfig } from '../config/schema';
import { isElsewhere } from '../config/targets';
import { ApprovalApi } from '../constructs/approval-api';
import { ApprovalGate } from '../constructs/approval-gate';
import { AslDefinition } from '../constructs/asl-definition';
import { AuditLedger } from '../constructs/audit-ledger';
import { HealthCheck } from '../constructs/health-check';
import { LockDoctor } from '../constructs/lock-doctor';
import { MailTopic } from '../constructs/mail-topic';
import { OperationDefaults } from '../constructs/operation-defaults';
import type { Duty } from '../constructs/role-boundary';
import { RunLifecycle } from '../constructs/run-lifecycle';
import { Runner } from '../constructs/runner';
import { type RunnerTask, runnerContainer } from '../constructs/runner-task';
import type { StepFunction } from '../constructs/step-function';
import type { Stores } from '../constructs/stores';
import { targetRoleArn, targetTrust } from '../constructs/target-trust';
import {
  type Binding,
  bindBlock,
  bindBucket,
  bindFunction,
  bindTask,
  bindText,
  Workflow,
} from '../constructs/workflow';
import type { NetworkStack } from './network-stack';

export interface OrchestratorStackProps extends StackProps {
  readonly config: EnvironmentConfig;
  readonly stores: Stores;
  readonly network: NetworkStack;
}

const absent = bindText('not-deployed');
const workflows = join(__dirname, '../../workflows');

/** The workflows and everything they call. */
export class OrchestratorStack extends Stack {
  /** By the name that people know, e.g. `vm-provisioning`. */
  readonly stateMachines: Readonly<Record<string, IStateMachine>>;
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly deadLetterQueues: Readonly<Record<string, IQueue>>;
  /** The roles that do more than run a step. */
  readonly duties: Readonly<Record<Duty, readonly IRole[]>>;
  private readonly props: OrchestratorStackProps;
  private readonly runner: Runner;
  private readonly gate: ApprovalGate;
  private readonly lifecycle: RunLifecycle;
  private readonly lockDoctor: LockDoctor;
  private readonly workflowLog: LogGroup;

  constructor(scope: Construct, id: string, props: OrchestratorStackProps) {
    super(scope, id, props);
    this.props = props;
    const { config, stores, network } = props;

    const mail = { encryptionKey: stores.dataKey };
    const approvers = Object.fromEntries(
      config.approval.approvers.map((person) => [
        person.id,
        new MailTopic(this, `Approver-${person.id}`, { ...mail, people: [person] }),
      ]),
    );
    const news = new MailTopic(this, 'News', { ...mail, people: config.notify });

    const api = new ApprovalApi(this, 'Api', {
      firewall: config.approval.firewall,
      ...(config.approval.publicBaseUrl !== undefined && { publicBaseUrl: config.approval.publicBaseUrl }),
    });
    this.gate = new ApprovalGate(this, 'Gate', { stores, approvers, publicUrl: api.baseUrl });
    const { sendCallback } = this.gate;
    this.runner = new Runner(this, 'Runner', {
      config,
      stores,
      vpc: network.vpc,
      subnets: network.workerSubnets,
      securityGroup: network.workerSecurityGroup,
    });
    this.lifecycle = new RunLifecycle(this, 'Lifecycle', {
      stores,
      news,
      sendCallback,
      onFargate: Object.keys(this.runner.tasks),
    });
    this.lockDoctor = new LockDoctor(this, 'LockDoctor', { stores, sendCallback });
    this.duties = {
      resume: [sendCallback.role],
      lend: Object.values(this.runner.brokers).map(({ role }) => role),
      infrastructure: this.runner.lentRoles,
    };
    const ledger = new AuditLedger(this, 'Ledger', { table: stores.ledgerTable, bucket: stores.auditBucket });
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    this.workflowLog = new LogGroup(this, 'WorkflowLogs', {
      retention: logRetention,
      removalPolicy: logRemoval,
    });

    const parts = this.blocks();
    const withDestroy = { ...parts, TerraformDestroy: this.compose('terraform-destroy', parts) };
    const blocks = { ...withDestroy, Compensate: this.compose('compensate', withDestroy) };
    const started = this.startedByPeople(blocks);
    const provisioning = started.find(({ name }) => name === 'vm-provisioning');
    if (!provisioning) throw new Error('There is no workflow vm-provisioning, of which health tells.');
    const setFreeze = this.workflow('set-freeze', {
      SetFreezeFunctionArn: bindFunction(this.lifecycle.setFreeze.function),
    });
    const reconcileRun = this.lifecycle.reconcile(started, this.gate.closeApproval);
    const health = new HealthCheck(this, 'Health', {
      stores,
      topics: [...Object.values(approvers), news],
      stateMachine: provisioning.stateMachine,
      release: release(),
    });
    api.connect({
      pages: this.gate.approvalPages.function,
      decide: this.gate.decideApproval.function,
      health: health.step.function,
    });

    const all = [...started, setFreeze, ...Object.values(blocks)];
    this.lockDoctor.examine(all);
    this.stateMachines = Object.fromEntries(all.map(({ name, stateMachine }) => [name, stateMachine]));
    const steps: Record<string, StepFunction> = {
      'begin-run': this.lifecycle.beginRun,
      'await-lease': this.lifecycle.awaitLease,
      'bind-change': this.lifecycle.bindChange,
      'authorize-change': this.lifecycle.authorizeChange,
      'end-run': this.lifecycle.endRun,
      'assess-drift': this.lifecycle.assessDrift,
      'choose-compensation': this.lifecycle.chooseCompensation,
      'set-freeze': this.lifecycle.setFreeze,
      notify: this.lifecycle.notify,
      'plan-credentials': this.runner.brokers.plan,
      'apply-credentials': this.runner.brokers.apply,
      'reconcile-run': reconcileRun,
      'lock-doctor': this.lockDoctor.step,
      'request-approval': this.gate.requestApproval,
      'close-approval': this.gate.closeApproval,
      'approval-pages': this.gate.approvalPages,
      'decide-approval': this.gate.decideApproval,
      'send-callback': this.gate.sendCallback,
      'archive-ledger': ledger.archive,
      health: health.step,
    };
    this.functions = {
      ...Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.function])),
      'plan-runner': this.runner.plan,
      'apply-runner': this.runner.apply,
      'script-runner': this.runner.script,
      ...(this.runner.ansible && { 'ansible-runner': this.runner.ansible }),
    };
    this.deadLetterQueues = {
      'archive-ledger': ledger.deadLetters,
      ...Object.fromEntries(
        Object.entries(steps).flatMap(([name, { deadLetterQueue }]) =>
          deadLetterQueue ? [[name, deadLetterQueue]] : [],
        ),
      ),
    };
    this.publish({
      PublicUrl: api.baseUrl,
      ArtifactsBucketName: stores.artifactsBucket.bucketName,
      LockDoctorFunctionName: this.lockDoctor.step.function.functionName,
      StateBucketName: stores.stateBucket.bucketName,
      RunsTableName: stores.runsTable.tableName,
      LedgerTableName: stores.ledgerTable.tableName,
      ...(this.runner.hostProfile && { HostInstanceProfileName: this.runner.hostProfile.name }),
    });
    for (const [index, target] of config.targets.filter(isElsewhere).entries())
      for (const purpose of ['plan', 'apply'] as const)
        this.publish({
          [`Trust${pascal(purpose)}Target${index + 1}`]: this.toJsonString({
            role: targetRoleArn(target, purpose),
            trust: targetTrust(target, this.runner.brokers[purpose].role.roleArn),
          }),
        });
    for (const { name, stateMachine } of all)
      this.publish({ [`StateMachine${pascal(name)}Arn`]: stateMachine.stateMachineArn });
  }

  private blocks() {
    const { runner, gate, lifecycle } = this;
    const fargateTask = this.workflow('fargate-task', this.fargateBindings());
    const onFargate = { FargateTaskStateMachineArn: bindBlock(fargateTask) };
    const whoFreesState = { LockDoctorFunctionArn: bindFunction(this.lockDoctor.step.function) };
    const whereAnsibleRuns = { ...onFargate, ...this.ansibleBindings() };
    return {
      FargateTask: fargateTask,
      TerraformPlan: this.workflow('terraform-plan', {
        ...onFargate,
        ...whoFreesState,
        PlanRunnerFunctionArn: bindFunction(runner.plan),
      }),
      ApprovalGate: this.workflow('approval-gate', {
        RequestApprovalFunctionArn: bindFunction(gate.requestApproval.function),
        CloseApprovalFunctionArn: bindFunction(gate.closeApproval.function),
      }),
      TerraformApply: this.workflow('terraform-apply', {
        ...onFargate,
        ...whoFreesState,
        AuthorizeChangeFunctionArn: bindFunction(lifecycle.authorizeChange.function),
        ApplyRunnerFunctionArn: bindFunction(runner.apply),
      }),
      AnsibleRun: this.workflow('ansible-run', {
        ...whereAnsibleRuns,
        AuthorizeChangeFunctionArn: bindFunction(lifecycle.authorizeChange.function),
      }),
      ComplianceScan: this.workflow('compliance-scan', whereAnsibleRuns),
      ScriptRun: this.workflow('script-run', {
        AuthorizeChangeFunctionArn: bindFunction(lifecycle.authorizeChange.function),
        ScriptRunnerFunctionArn: bindFunction(runner.script),
      }),
    };
  }

  /** Every file that begins a run is a workflow of its own: nothing else makes it one. */
  private startedByPeople(blocks: Readonly<Record<string, Workflow>>): readonly Workflow[] {
    return readdirSync(workflows)
      .filter((file) => AslDefinition.fromFile(join(workflows, file)).tokens.has('BeginRunFunctionArn'))
      .sort()
      .map((file) => this.compose(basename(file, '.asl.json'), blocks));
  }

  /** A workflow of steps that all share and of blocks: it gets those that its file names, and no other. */
  private compose(name: string, blocks: Readonly<Record<string, Workflow>>): Workflow {
    const { assessDrift, awaitLease, beginRun, bindChange, chooseCompensation, endRun, notify } =
      this.lifecycle;
    const parts: Record<string, Binding> = {
      BeginRunFunctionArn: bindFunction(beginRun.function),
      AwaitLeaseFunctionArn: bindFunction(awaitLease.function),
      AssessDriftFunctionArn: bindFunction(assessDrift.function),
      ChooseCompensationFunctionArn: bindFunction(chooseCompensation.function),
      BindChangeFunctionArn: bindFunction(bindChange.function),
      EndRunFunctionArn: bindFunction(endRun.function),
      NotifyFunctionArn: bindFunction(notify.function),
      ...Object.fromEntries(
        Object.entries(blocks).map(([block, machine]) => [`${block}StateMachineArn`, bindBlock(machine)]),
      ),
    };
    const { tokens } = AslDefinition.fromFile(join(workflows, `${name}.asl.json`));
    return this.workflow(
      name,
      Object.fromEntries(Object.entries(parts).filter(([token]) => tokens.has(token))),
    );
  }

  private workflow(name: string, bindings: Readonly<Record<string, Binding>>): Workflow {
    return new Workflow(this, pascal(name), {
      file: join(workflows, `${name}.asl.json`),
      namePrefix: `orchestrator-${this.props.config.name}`,
      bindings,
      logGroup: this.workflowLog,
      tracing: this.props.config.tracing,
    });
  }

  /** Of what this environment has not, the name says so. */
  private ansibleBindings(): Record<string, Binding> {
    const { ansible } = this.runner;
    return {
      AnsibleRunsOn: bindText(this.props.config.runner.ansibleRunsOn),
      AnsibleRunnerFunctionArn: ansible ? bindFunction(ansible) : absent,
    };
  }

  private fargateBindings(): Record<string, Binding> {
    const { tasks } = this.runner;
    const { network, stores } = this.props;
    const bindIdentity = (task: RunnerTask | undefined): Binding =>
      task ? bindTask(task.cluster, task.taskDefinition) : absent;
    const cluster = tasks.plan?.cluster;
    return {
      ClusterArn: cluster ? bindText(cluster.clusterArn) : absent,
      PlanTaskDefinitionArn: bindIdentity(tasks.plan),
      ApplyTaskDefinitionArn: bindIdentity(tasks.apply),
      AnsibleTaskDefinitionArn: bindIdentity(tasks.ansible),
      RunnerContainerName: bindText(runnerContainer),
      RunnerSubnetIds: bindText(network.vpc.selectSubnets(network.workerSubnets).subnetIds.join(',')),
      RunnerSecurityGroupId: bindText(network.workerSecurityGroup.securityGroupId),
      ArtifactsBucketName: bindBucket(stores.artifactsBucket, 'runs/'),
    };
  }

  private publish(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

const pascal = (kebab: string): string =>
  kebab.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
