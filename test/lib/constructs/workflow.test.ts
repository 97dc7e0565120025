import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerImage,
  FargateTaskDefinition,
  type ICluster,
  type ITaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import {
  type Binding,
  bindBlock,
  bindBucket,
  bindFunction,
  bindTask,
  bindText,
  Workflow,
} from '../../../lib/constructs/workflow';
import { infraApp } from '../../support/infra-app';

const folder = mkdtempSync(join(tmpdir(), 'workflow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'small-thing.asl.json');
writeFileSync(
  file,
  JSON.stringify({
    Comment: 'A small thing. Example input: {}',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: 60,
    StartAt: 'Done',
    States: { Done: { Type: 'Succeed', Output: '{% "${Thing}" %}' } },
  }),
);

/** A workflow with one binding, made by `bind` in its stack. */
const bound = (bind: (stack: Stack) => Binding) => {
  const stack = new Stack(infraApp(), 'stack');
  const logGroup = new LogGroup(stack, 'Log');
  const workflow = new Workflow(stack, 'Workflow', {
    file,
    namePrefix: 'orchestrator-test',
    bindings: { Thing: bind(stack) },
    logGroup,
  });
  return { stack, workflow };
};
const allows = (bind: (stack: Stack) => Binding, ...statements: object[]): void => {
  const template = Template.fromStack(bound(bind).stack);
  for (const statement of statements)
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('^WorkflowRole'),
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Allow', ...statement })]) },
    });
};

test('a text grants nothing beside logs and traces', () => {
  const policies = Template.fromStack(bound(() => bindText('x')).stack).findResources('AWS::IAM::Policy');
  const actions = JSON.stringify(policies).match(/"[a-z0-9]+:[A-Z][A-Za-z]+"/g) ?? [];
  expect(actions.filter((action) => !/^"(logs|xray):/.test(action))).toEqual([]);
});

test('a function may be invoked, and no other', () => {
  allows(
    (stack) =>
      bindFunction(
        new LambdaFunction(stack, 'Fn', {
          code: Code.fromInline('1'),
          handler: 'index.handler',
          runtime: Runtime.NODEJS_LATEST,
        }),
      ),
    { Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Fn'), 'Arn'] } },
  );
});

test('a block may be started, watched and stopped', () => {
  allows(
    (stack) =>
      bindBlock(
        new Workflow(stack, 'Block', {
          file,
          namePrefix: 'block',
          bindings: { Thing: bindText('x') },
          logGroup: new LogGroup(stack, 'BlockLog'),
        }),
      ),
    { Action: 'states:StartExecution' },
    {
      Action: ['states:DescribeExecution', 'states:StopExecution'],
      Resource: Match.objectLike({
        'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('execution:block-small-thing:\\*')])],
      }),
    },
    { Action: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'] },
  );
});

test('a bucket may be read and written below the prefix, with its key through S3 alone', () => {
  allows(
    (stack) => {
      const encryptionKey = new Key(stack, 'Key');
      return bindBucket(new Bucket(stack, 'Bucket', { encryptionKey }) as IBucket, 'runs/');
    },
    {
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: { 'Fn::Join': ['', [Match.anyValue(), '/runs/*']] },
    },
    {
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'kms:ViaService': Match.anyValue() } },
    },
  );
});

test('a task may be run in its cluster with its roles, watched and stopped', () => {
  allows(
    (stack) => {
      const task = new FargateTaskDefinition(stack, 'Task');
      task.addContainer('runner', { image: ContainerImage.fromRegistry('runner') });
      const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') as IVpc });
      return bindTask(cluster as ICluster, task as ITaskDefinition);
    },
    { Action: 'ecs:RunTask', Condition: { ArnEquals: { 'ecs:cluster': Match.anyValue() } } },
    {
      Action: ['ecs:DescribeTasks', 'ecs:StopTask'],
      Condition: { ArnEquals: { 'ecs:cluster': Match.anyValue() } },
    },
    { Action: 'ecs:TagResource', Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    {
      Action: 'iam:PassRole',
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  );
});

test('a binding that asks for every resource is refused', () => {
  const greedy = {
    value: 'x',
    statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })],
  };
  expect(() => bound(() => greedy)).toThrow(
    'small-thing.asl.json: the binding of Thing asks for every resource',
  );
});

test('the machine logs its transitions without data, which would hold task tokens', () => {
  Template.fromStack(bound(() => bindText('x')).stack).hasResourceProperties(
    'AWS::StepFunctions::StateMachine',
    {
      StateMachineName: 'orchestrator-test-small-thing',
      LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
      TracingConfiguration: { Enabled: true },
    },
  );
});
