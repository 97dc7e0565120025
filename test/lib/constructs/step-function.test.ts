import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { OperationDefaults } from '../../../lib/constructs/operation-defaults';
import { StepFunction, type StepFunctionProps } from '../../../lib/constructs/step-function';
import { findings, infraApp } from '../../support/infra-app';

const code = Code.fromInline('exports.handler = async () => 1');
const tables = {
  RUNS_TABLE: 'runs',
  LEASES_TABLE: 'leases',
  WORKSPACES_TABLE: 'w',
  APPROVALS_TABLE: 'a',
  ARTIFACTS_BUCKET: 'b',
  ON_FARGATE: 'none',
  WAITING_WORKFLOWS: 'one',
  MOST_TIME_TO_LIVE_HOURS: '8760',
  CONCURRENCY: '{}',
  LEDGER_TABLE: 'ledger',
  PEOPLE_TABLE: 'people',
};
const make = (props: Partial<StepFunctionProps> = {}, tracing = true) => {
  const app = infraApp();
  OperationDefaults.set(app, {
    logRetention: RetentionDays.TWO_WEEKS,
    logRemoval: RemovalPolicy.DESTROY,
    tracing,
  });
  const stack = new Stack(app, 'stack');
  const fn = new StepFunction(stack, 'BeginRun', { step: 'begin-run', environment: tables, code, ...props });
  return { app, stack, fn };
};

test('a step has its own role, its own log with an end, a timeout and traces', () => {
  const { stack } = make({ timeout: Duration.seconds(20) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 20,
    Environment: { Variables: tables },
    TracingConfig: { Mode: 'Active' },
    LoggingConfig: { LogGroup: Match.anyValue() },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 14 });
  template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
});

test('without tracing it may not trace', () => {
  const { stack } = make({}, false);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', { TracingConfig: Match.absent() });
  expect(JSON.stringify(template.toJSON())).not.toContain('xray:');
});

test('a variable that the step reads and nobody gives is named', () => {
  const { LEDGER_TABLE: _, ...environment } = tables;
  expect(() => make({ environment })).toThrow('lambdas/begin-run needs LEDGER_TABLE in its environment.');
});

test('a variable that nothing reads is named', () => {
  expect(() => make({ environment: { ...tables, LEGDER: 'x' } })).toThrow(
    'lambdas/begin-run does not read LEGDER.',
  );
});

test('one that is invoked asynchronously keeps what could not be delivered', () => {
  const { stack, fn } = make({ invokedAsynchronously: true });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    DeadLetterConfig: { TargetArn: Match.anyValue() },
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 1209600,
  });
  expect(fn.deadLetterQueue).toBeDefined();
});

test('no rule finds anything', () => {
  expect(findings(make({ invokedAsynchronously: true }).app)).toEqual([]);
});

test('a wildcard that was granted afterwards is found, the acknowledged ones notwithstanding', () => {
  const { app, fn } = make();
  fn.function.addToRolePolicy(
    new PolicyStatement({
      actions: ['s3:*'],
      resources: ['*'],
    }),
  );
  const found = findings(app).join();
  expect(found).toContain('AwsSolutions-IAM5[Resource::*]');
  expect(found).toContain('AwsSolutions-IAM5[Action::s3:*]');
});
