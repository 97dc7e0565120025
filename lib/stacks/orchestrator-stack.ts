import { join } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { requireSound } from '../asl/check-workflows';
import { configurationInForce } from '../config/in-force';
import { release } from '../config/release';
import type { EnvironmentConfig } from '../config/schema';
import { isElsewhere } from '../config/targets';
import { ApprovalApi } from '../constructs/approval-api';
import { ApprovalGate, knownPeople } from '../constructs/approval-gate';
import { AuditLedger } from '../constructs/audit-ledger';
import { Channels } from '../constructs/channels';
import { ComplianceAssessment } from '../constructs/compliance-assessment';
import { composeWorkflows, pascal, workflowsUsing } from '../constructs/compose-workflows';
import { CredentialWatch } from '../constructs/credential-watch';
import { everyDeadLetters, placeOf } from '../constructs/dead-letters';
import { DriftSweep } from '../constructs/drift-sweep';
import { Github } from '../constructs/github';
import { HealthCheck } from '../constructs/health-check';
import { LockDoctor } from '../constructs/lock-doctor';
import { MailTopic } from '../constructs/mail-topic';
import { OperationDefaults } from '../constructs/operation-defaults';
import { PeopleRoles } from '../constructs/people-roles';
import { PersonalData } from '../constructs/personal-data';
import type { Duty } from '../constructs/role-boundary';
import { RunLifecycle } from '../constructs/run-lifecycle';
import { Runner } from '../constructs/runner';
import { Schedules } from '../constructs/schedules';
import { SignIn } from '../constructs/sign-in';
import { StarterRecord } from '../constructs/starter-record';
import { StepFunction } from '../constructs/step-function';
import type { Stores } from '../constructs/stores';
import { targetRoleArn, targetTrust } from '../constructs/target-trust';
import { TimeToLive } from '../constructs/time-to-live';
import { type Binding, consoleOfRuns, Workflow } from '../constructs/workflow';
import { workflowParts } from '../constructs/workflow-parts';
import type { NetworkStack } from './network-stack';
import type { RotationStack } from './rotation-stack';

export interface OrchestratorStackProps extends StackProps {
  readonly config: EnvironmentConfig;
  readonly stores: Stores;
  readonly network: NetworkStack;
  readonly rotation: RotationStack;
}

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
  private readonly compliance: ComplianceAssessment;
  private readonly lockDoctor: LockDoctor;
  private readonly driftSweep: DriftSweep;
  private readonly workflowLog: LogGroup;

  constructor(scope: Construct, id: string, props: OrchestratorStackProps) {
    super(scope, id, props);
    this.props = props;
    const { config, stores, network } = props;

    const mail = { encryptionKey: stores.dataKey };
    const { signIn: provider, callerLimits } = config.approval;
    const approvers = config.approval.approvers.map((person) => ({
      ...person,
      // Who signs in is known by what the provider says: one person has one id, asked and answering.
      id: provider?.personClaim === 'email' ? person.email.toLowerCase() : person.id,
      mail: new MailTopic(this, `Approver-${person.id}`, { ...mail, people: [person] }),
    }));
    const news = new MailTopic(this, 'News', { ...mail, people: config.notify });

    const api = new ApprovalApi(this, 'Api', {
      firewall: config.approval.firewall,
      ...(config.approval.publicBaseUrl !== undefined && { publicBaseUrl: config.approval.publicBaseUrl }),
    });
    const signIn =
      provider &&
      new SignIn(this, 'SignIn', {
        ...provider,
        stores,
        publicUrl: api.baseUrl,
        mostSignIns: callerLimits.signIns,
      });
    this.gate = new ApprovalGate(this, 'Gate', {
      stores,
      approvers,
      news,
      environment: config.name,
      publicUrl: api.baseUrl,
      mailBudget: config.approval.mailBudget,
      mostAnswers: callerLimits.answers,
      ...(signIn && { signIn }),
      ...(!config.emulated && {
        rotationRuns: consoleOfRuns(this, `orchestrator-${config.name}-secret-rotation`),
      }),
    });
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
      waiting: workflowsUsing(workflows, 'AwaitLeaseFunctionArn'),
      concurrency: config.concurrency,
      mostTimeToLiveHours: config.mostTimeToLiveHours,
    });
    this.compliance = new ComplianceAssessment(this, 'Compliance', { stores });
    this.lockDoctor = new LockDoctor(this, 'LockDoctor', { stores, sendCallback });
    this.driftSweep = new DriftSweep(this, 'DriftSweep', stores);
    const ledger = new AuditLedger(this, 'Ledger', {
      stores,
      config: config.ledger,
      loopback: config.channels.loopback,
      inForce: configurationInForce(config),
    });
    this.duties = {
      resume: [sendCallback.role],
      lend: Object.values(this.runner.brokers).map(({ role }) => role),
      attest: [ledger.checkpoint.role],
      infrastructure: this.runner.lentRoles,
    };
    const channels = new Channels(this, 'Channels', {
      config: config.channels,
      stores,
      environment: config.name,
      publicUrl: api.baseUrl,
      mostClicks: callerLimits.webhooks,
    });
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    this.workflowLog = new LogGroup(this, 'WorkflowLogs', {
      retention: logRetention,
      removalPolicy: logRemoval,
    });

    requireSound(workflows);
    const { started, others } = composeWorkflows(
      workflows,
      workflowParts({
        steps: [
          ...Object.values(StepFunction.within(this.lifecycle)),
          ...Object.values(StepFunction.within(this.driftSweep)),
          ...Object.values(props.rotation.steps),
          this.compliance.step,
          this.gate.requestApproval,
          this.gate.closeApproval,
          this.lockDoctor.step,
        ],
        runner: this.runner,
        ansibleRunsOn: config.runner.ansibleRunsOn,
        network,
        artifactsBucket: stores.artifactsBucket,
      }),
      (name, file, bindings) => this.workflow(name, file, bindings),
    );
    const all = [...started, ...others];
    const workflowCalled = (name: string): Workflow => {
      const found = all.find((workflow) => workflow.name === name);
      if (!found) throw new Error(`There is no workflow ${name}.`);
      return found;
    };
    this.lifecycle.reconcile(started, this.gate.closeApproval);
    const github =
      config.github &&
      new Github(this, 'Github', {
        config: config.github,
        stores,
        workflows: all,
        publicUrl: api.baseUrl,
        retain: config.data.retain,
        mostDeliveries: callerLimits.webhooks,
      });
    const schedules = new Schedules(this, 'Schedules', { schedules: config.schedules, workflows: started });
    const timeToLive = new TimeToLive(this, 'TimeToLive', {
      stores,
      news,
      decommission: workflowCalled('decommission'),
    });
    new CredentialWatch(this, 'CredentialWatch', { stores });
    new StarterRecord(this, 'StarterRecord', {
      stores,
      sendCallback,
      workflows: started,
      principals: config.approval.principals,
      people: knownPeople(approvers),
      ownStarters: {
        ...(github && { github: [github.receive.role] }),
        schedule: [...schedules.roles, timeToLive.step.role],
      },
    });
    const personalData = new PersonalData(this, 'PersonalData', { stores, sessions: signIn?.sessions });
    const health = new HealthCheck(this, 'Health', {
      stores,
      topics: [...approvers.map(({ mail }) => mail), news],
      stateMachine: workflowCalled('vm-provisioning').stateMachine,
      release: release(),
    });
    api.connect({
      github: github?.receive.function,
      pages: this.gate.approvalPages.function,
      decide: this.gate.decideApproval.function,
      ...(signIn && { signIn: signIn.step.function }),
      health: health.step.function,
      slack: channels.slackInteractions?.function,
    });

    this.lockDoctor.examine(all);
    const steps = Object.values(StepFunction.within(this));
    const deadLetters = everyDeadLetters({ ledger, schedules, channels, steps });
    new PeopleRoles(this, 'People', {
      access: config.access,
      namePrefix: `orchestrator-${config.name}`,
      stores,
      started,
      setFreeze: workflowCalled('set-freeze'),
      workflows: all,
      explainApproval: this.gate.explainApproval,
      setDelegation: this.gate.setDelegation,
      personalData: personalData.step,
      lockDoctor: this.lockDoctor.step,
      deadLetters,
    });
    this.stateMachines = Object.fromEntries(all.map(({ name, stateMachine }) => [name, stateMachine]));
    this.functions = Object.fromEntries(steps.map((step) => [step.name, step.function]));
    this.deadLetterQueues = Object.fromEntries(deadLetters.map(({ name, queue }) => [name, queue]));
    this.publish({
      PublicUrl: api.baseUrl,
      ArtifactsBucketName: stores.artifactsBucket.bucketName,
      ExplainApprovalFunctionName: this.gate.explainApproval.function.functionName,
      PersonalDataFunctionName: personalData.step.function.functionName,
      SetDelegationFunctionName: this.gate.setDelegation.function.functionName,
      LockDoctorFunctionName: this.lockDoctor.step.function.functionName,
      StateBucketName: stores.stateBucket.bucketName,
      RunsTableName: stores.runsTable.tableName,
      LedgerTableName: stores.ledgerTable.tableName,
      CredentialsTableName: stores.credentialsTable.tableName,
      LedgerOrigin: config.ledger.origin,
      LedgerKeyArn: stores.ledgerKey.keyArn,
      AuditBucketName: stores.auditBucket.bucketName,
      CheckpointLedgerFunctionName: ledger.checkpoint.function.functionName,
      ...github?.outputs,
      ...(this.runner.hostProfile && { HostInstanceProfileName: this.runner.hostProfile.name }),
    });
    for (const [index, { name, queue, again }] of deadLetters.entries())
      this.publish({
        [`DeadLetters${index + 1}`]: this.toJsonString({
          name,
          queue: queue.queueUrl,
          again: placeOf(again),
        }),
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

  private workflow(name: string, file: string, bindings: Readonly<Record<string, Binding>>): Workflow {
    return new Workflow(this, pascal(name), {
      file,
      namePrefix: `orchestrator-${this.props.config.name}`,
      bindings,
      logGroup: this.workflowLog,
      tracing: this.props.config.tracing,
    });
  }

  private publish(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
