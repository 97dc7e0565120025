import { Duration, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  allowIndex,
  allowInvoking,
  allowItem,
  allowItems,
  allowReading,
  allowReferring,
  allowSecret,
} from './access';
import { allowLimiting, limitingEnvironment } from './caller-limits';
import type { MailTopic } from './mail-topic';
import type { SignIn } from './sign-in';
import { StepFunction } from './step-function';
import type { Stores } from './stores';
import { Sweep } from './sweep';

/** Somebody who may be asked. */
export interface Approver {
  readonly id: string;
  readonly email: string;
  readonly groups: readonly string[];
  readonly mail: MailTopic;
}

/** Approvers without what only mails need. */
export const knownPeople = (
  approvers: readonly Omit<Approver, 'mail'>[],
): { id: string; email: string; groups: readonly string[] }[] =>
  approvers.map(({ id, email, groups }) => ({ id, email, groups }));

export interface ApprovalGateProps {
  readonly stores: Stores;
  /** Each approver with a topic of their own: a personal link reaches that person alone. */
  readonly approvers: readonly Approver[];
  /** Hears when the glass is broken. */
  readonly news: MailTopic;
  /** The environment's name: rules may differ by it. */
  readonly environment: string;
  /** Where people reach the pages, without a slash at its end. */
  readonly publicUrl: string;
  /** Mails about approvals that one person gets within ten minutes; what is more comes in one digest. */
  readonly mailBudget: number;
  /** Answers that one caller may send in five minutes. */
  readonly mostAnswers: number;
  /** Where the console shows runs of the rotation, up to a run's id. @default there is no console */
  readonly rotationRuns?: string;
  /** Who is looking is who signed in. @default the holder of a personal link is who it was mailed to */
  readonly signIn?: SignIn;
}

/**
 * The gate: asks approvers, shows them the change, takes one decision, and resumes the run.
 *
 * `sendCallback` is guarded like a key: the one function that may resume a workflow, called by the decision step and
 * by a schedule, reachable by no route. Whoever renders pages writes nothing; whoever decides holds no task token.
 */
export class ApprovalGate extends Construct {
  readonly requestApproval: StepFunction;
  readonly closeApproval: StepFunction;
  readonly approvalPages: StepFunction;
  readonly decideApproval: StepFunction;
  readonly sendCallback: StepFunction;
  readonly tendApprovals: StepFunction;
  readonly explainApproval: StepFunction;
  readonly setDelegation: StepFunction;

  constructor(scope: Construct, id: string, props: ApprovalGateProps) {
    super(scope, id);
    const { stores, approvers, signIn } = props;
    const approvals = { APPROVALS_TABLE: stores.approvalsTable.tableName };
    const ledger = {
      LEDGER_TABLE: stores.ledgerTable.tableName,
      PEOPLE_TABLE: stores.peopleTable.tableName,
    };
    const artifacts = { ARTIFACTS_BUCKET: stores.artifactsBucket.bucketName };
    const people = approvers.map(({ id, groups }) => ({ id, groups }));
    const identity = { IDENTIFY_BY: signIn?.identifyBy ?? JSON.stringify({ by: 'link', people }) };
    const answering = {
      APPROVERS: JSON.stringify(knownPeople(approvers).map(({ id, groups }) => ({ id, groups }))),
    };
    const mailing = {
      APPROVERS: JSON.stringify(
        approvers.map(({ id, groups, mail }) => ({ id, groups, topicArn: mail.topic.topicArn })),
      ),
      PUBLIC_URL: props.publicUrl,
      SIGN_IN: String(signIn !== undefined),
      MAIL_BUDGET: String(props.mailBudget),
    };
    const signing = { SIGNING_SECRET_ARN: stores.pageSecret.secretArn };

    this.requestApproval = new StepFunction(this, 'RequestApproval', {
      step: 'request-approval',
      environment: {
        ...approvals,
        ...ledger,
        ...artifacts,
        RUNS_TABLE: stores.runsTable.tableName,
        ...mailing,
        ENVIRONMENT: props.environment,
      },
    });
    allowItems(this.requestApproval, stores.approvalsTable, ['GetItem', 'PutItem', 'UpdateItem']);
    allowItems(this.requestApproval, stores.runsTable, ['GetItem']);
    allowItems(this.requestApproval, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.requestApproval, stores.peopleTable, { keepsWords: false });
    allowReading(this.requestApproval, stores.artifactsBucket, 'runs/');
    for (const { mail } of approvers) mail.allowAsking(this.requestApproval);

    this.closeApproval = new StepFunction(this, 'CloseApproval', {
      step: 'close-approval',
      environment: { ...approvals, ...ledger },
    });
    allowItems(this.closeApproval, stores.approvalsTable, ['GetItem', 'UpdateItem']);
    allowItems(this.closeApproval, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.closeApproval, stores.peopleTable, { keepsWords: true });

    this.approvalPages = new StepFunction(this, 'ApprovalPages', {
      step: 'approval-pages',
      environment: {
        ...approvals,
        ...artifacts,
        ...signing,
        ...identity,
        ...answering,
        RUNS_TABLE: stores.runsTable.tableName,
        CREDENTIALS_TABLE: stores.credentialsTable.tableName,
        ...(props.rotationRuns !== undefined && { ROTATION_RUNS: props.rotationRuns }),
      },
      memorySize: 1024,
    });
    allowItems(this.approvalPages, stores.approvalsTable, ['GetItem', 'BatchGetItem']);
    allowItems(this.approvalPages, stores.credentialsTable, ['Scan']);
    allowItems(this.approvalPages, stores.runsTable, ['GetItem']);
    for (const index of ['lists', 'asked']) allowIndex(this.approvalPages, stores.approvalsTable, index);
    allowReading(this.approvalPages, stores.artifactsBucket, 'runs/');
    allowSecret(this.approvalPages, stores.pageSecret);
    signIn?.allowIdentifying(this.approvalPages);

    this.explainApproval = new StepFunction(this, 'ExplainApproval', {
      step: 'explain-approval',
      environment: { ...approvals, ...answering, RUNS_TABLE: stores.runsTable.tableName },
    });
    allowItems(this.explainApproval, stores.approvalsTable, ['GetItem']);
    allowItems(this.explainApproval, stores.runsTable, ['GetItem']);

    this.setDelegation = new StepFunction(this, 'SetDelegation', {
      step: 'set-delegation',
      environment: { ...approvals, ...ledger, ...answering },
    });
    allowItem(this.setDelegation, stores.approvalsTable, 'delegations#', [
      'GetItem',
      'PutItem',
      'UpdateItem',
    ]);
    allowItems(this.setDelegation, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.setDelegation, stores.peopleTable, { keepsWords: true });

    this.sendCallback = new StepFunction(this, 'SendCallback', {
      step: 'send-callback',
      environment: { ...approvals, ...ledger, LEASES_TABLE: stores.leasesTable.tableName },
      invokedAsynchronously: true,
    });
    allowItems(this.sendCallback, stores.approvalsTable, ['GetItem', 'UpdateItem']);
    allowIndex(this.sendCallback, stores.approvalsTable, 'callback-pending');
    allowItems(this.sendCallback, stores.leasesTable, ['GetItem', 'UpdateItem']);
    allowIndex(this.sendCallback, stores.leasesTable, 'callback-pending');
    allowItems(this.sendCallback, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.sendCallback, stores.peopleTable, { keepsWords: true });
    this.maySendCallbacks(this.sendCallback);
    new Sweep(this, 'CallbackSweep', {
      step: this.sendCallback,
      every: Duration.minutes(1),
      description: 'Sends callbacks that a crash left outstanding',
    });

    this.tendApprovals = new StepFunction(this, 'TendApprovals', {
      step: 'tend-approvals',
      environment: {
        ...approvals,
        ...ledger,
        ...artifacts,
        ...mailing,
        RUNS_TABLE: stores.runsTable.tableName,
        NOTIFICATION_TOPIC_ARN: props.news.topic.topicArn,
        SEND_CALLBACK_FUNCTION: this.sendCallback.function.functionName,
      },
      // Mails leave at ten a second.
      timeout: Duration.minutes(1),
      invokedAsynchronously: true,
    });
    allowItems(this.tendApprovals, stores.approvalsTable, ['GetItem', 'UpdateItem']);
    allowIndex(this.tendApprovals, stores.approvalsTable, 'by-due');
    allowItems(this.tendApprovals, stores.runsTable, ['GetItem']);
    allowItems(this.tendApprovals, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.tendApprovals, stores.peopleTable, { keepsWords: true });
    allowReading(this.tendApprovals, stores.artifactsBucket, 'runs/');
    for (const { mail } of approvers) mail.allowAsking(this.tendApprovals);
    props.news.allowPublishing(this.tendApprovals);
    allowInvoking(this.tendApprovals, this.sendCallback);
    new Sweep(this, 'TendingSweep', {
      step: this.tendApprovals,
      every: Duration.minutes(1),
      description: 'Reminds, escalates, expires, and sends digests',
    });

    this.decideApproval = new StepFunction(this, 'DecideApproval', {
      step: 'decide-approval',
      environment: {
        ...approvals,
        ...ledger,
        ...artifacts,
        ...signing,
        ...identity,
        ...answering,
        SEND_CALLBACK_FUNCTION: this.sendCallback.function.functionName,
        TEND_APPROVALS_FUNCTION: this.tendApprovals.function.functionName,
        ...limitingEnvironment(stores, props.mostAnswers),
      },
      memorySize: 1024,
    });
    allowItems(this.decideApproval, stores.approvalsTable, ['GetItem', 'UpdateItem']);
    allowItems(this.decideApproval, stores.ledgerTable, ['GetItem', 'PutItem']);
    allowReferring(this.decideApproval, stores.peopleTable, { keepsWords: true });
    allowReading(this.decideApproval, stores.artifactsBucket, 'runs/');
    allowSecret(this.decideApproval, stores.pageSecret);
    signIn?.allowIdentifying(this.decideApproval);
    allowLimiting(this.decideApproval, stores, 'answers');
    allowInvoking(this.decideApproval, this.sendCallback, this.tendApprovals);
  }

  /** The action takes no resource: the task token, which only the outboxes' tables hold, is the credential. */
  private maySendCallbacks(step: StepFunction): void {
    const policy = new Policy(this, 'MayResumeRuns', {
      statements: [
        new PolicyStatement({
          actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'],
          resources: ['*'],
        }),
      ],
    });
    step.function.role?.attachInlinePolicy(policy);
    Validations.of(policy).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Step Functions scopes SendTask* to no resource; this is the one function that may call it.',
    });
  }
}
