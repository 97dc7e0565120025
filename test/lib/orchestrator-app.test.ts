import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { gaps } from '../../lib/emulator-gaps';
import { makeOrchestratorApp } from '../../lib/orchestrator-app';
import { environment, findings, infraApp } from '../support/infra-app';

type Name = Parameters<typeof environment>[0];
const made = new Map<Name, ReturnType<typeof make>>();
const make = (name: Name) => {
  const app = infraApp();
  const stacks = makeOrchestratorApp(app, environment(name));
  const templates = app.node
    .findAll()
    .filter(Stack.isStack)
    .map((stack) => Template.fromStack(stack));
  return { app, stacks, templates };
};
/** Making one takes a second: tests share it. */
const appOf = (name: Name) => {
  const existing = made.get(name) ?? make(name);
  made.set(name, existing);
  return existing;
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
const policiesOf = (templates: readonly Template[]): [string, Statement][] =>
  templates.flatMap((template) =>
    Object.entries(template.findResources('AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
      (Properties.PolicyDocument.Statement as Statement[]).map((one): [string, Statement] => [
        `${id} of ${JSON.stringify(Properties.Roles)}`,
        one,
      ]),
    ),
  );
const actionsOf = ({ Action }: Statement): string[] => [Action].flat();

test.each(['local', 'dev', 'poc', 'prod'] as const)('no rule finds anything in %s', (name) => {
  expect(findings(appOf(name).app)).toEqual([]);
});

test('locally, what the emulator lacks is gone', () => {
  for (const template of appOf('local').templates)
    for (const { type } of gaps) template.resourceCountIs(type, 0);
});

test('in AWS, all of it is there', () => {
  const types = appOf('poc').templates.flatMap((template) =>
    Object.values<{ Type: string }>(template.toJSON().Resources ?? {}).map(({ Type }) => Type),
  );
  for (const { type } of gaps) expect(types).toContain(type);
});

test('locally nothing is built or run in a container', () => {
  for (const template of appOf('local').templates)
    for (const type of ['AWS::ECR::Repository', 'AWS::CodeBuild::Project', 'AWS::ECS::Cluster'])
      template.resourceCountIs(type, 0);
});

test('no policy allows every action of a service', () => {
  for (const [id, statement] of policiesOf(appOf('prod').templates))
    for (const action of actionsOf(statement))
      if (!/^(s3:(GetObject|GetBucket|List)|kms:(GenerateDataKey|ReEncrypt))\*$/.test(action))
        expect(`${id} ${action}`).not.toContain('*');
});

test('one function alone may resume a workflow', () => {
  const holders = policiesOf(appOf('prod').templates)
    .filter(
      ([, one]) =>
        one.Effect === 'Allow' && actionsOf(one).some((action) => action.startsWith('states:SendTask')),
    )
    .map(([id]) => id);
  expect(holders).toHaveLength(1);
  expect(holders[0]).toContain('SendCallbackIdentityRole');
});

test('Terraform’s state is written with what is lent to apply, and by the lock doctor, and read by no other step', () => {
  const writers = policiesOf(appOf('prod').templates)
    .filter(([, one]) => /\.tfstate"/.test(JSON.stringify(one.Resource)))
    .map(([id, one]) => `${id.replace(/DefaultPolicy.*$/, '')} ${actionsOf(one).join()}`);
  expect(writers.sort()).toEqual([
    'LockDoctorStepIdentityRole s3:GetObject,s3:PutObject',
    'RunnerApplyCredentialsLent s3:GetObject,s3:PutObject',
    'RunnerPlanCredentialsLent s3:GetObject',
  ]);
});

test('every function logs into a group of its own, which ends', () => {
  const template = Template.fromStack(appOf('prod').stacks.orchestrator);
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
  template.allResourcesProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: Match.anyValue() } });
});

test('every state machine has its alarms', () => {
  const { stacks } = appOf('prod');
  const template = Template.fromStack(stacks.observability);
  const machines = Object.keys(stacks.orchestrator.stateMachines);
  expect(machines).toContain('vm-provisioning');
  for (const MetricName of [
    'ExecutionsFailed',
    'ExecutionsTimedOut',
    'ExecutionsAborted',
    'ExecutionThrottled',
  ])
    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { MetricName, Namespace: 'AWS/States' },
      machines.length,
    );
  template.resourcePropertiesCountIs(
    'AWS::CloudWatch::Alarm',
    { MetricName: 'ApproximateNumberOfMessagesVisible' },
    Object.keys(stacks.orchestrator.deadLetterQueues).length,
  );
  template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [Match.anyValue()] });
});

test('CloudTrail’s event of each start that begins a run reaches whoever records it', () => {
  const { templates } = appOf('poc');
  const rules = templates.flatMap((template) =>
    Object.values(
      template.findResources('AWS::Events::Rule', {
        Properties: { EventPattern: { 'detail-type': ['AWS API Call via CloudTrail'] } },
      }),
    ),
  );
  expect(rules).toHaveLength(1);
  const { detail, source } = rules.map(({ Properties }) => Properties.EventPattern)[0];
  expect(source).toEqual(['aws.states']);
  expect(detail.eventName).toEqual(['StartExecution']);
  const machines = JSON.stringify(detail.requestParameters.stateMachineArn);
  expect(machines).toContain('VmProvisioning');
  expect(machines).not.toContain('ApprovalGate');
});

test('whoever records starters writes no answer and nothing else of a run', () => {
  const written = policiesOf(appOf('poc').templates)
    .filter(([policy]) => policy.startsWith('StarterRecord'))
    .flatMap(([, one]) => (actionsOf(one).includes('dynamodb:UpdateItem') ? [one.Condition] : []))
    .map((condition) => JSON.stringify(condition));
  expect(written).toHaveLength(2);
  for (const one of written) {
    expect(one).toContain('dynamodb:Attributes');
    expect(one).not.toMatch(/votes|taskToken|expiresAt|"change"|resumes/);
  }
});
