import { Match, Template } from 'aws-cdk-lib/assertions';
import { makeOrchestratorApp } from '../../../lib/orchestrator-app';
import { environment, findings, infraApp } from '../../support/infra-app';

const secretOf = (name: string): string =>
  `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`;
const app = infraApp();
const { orchestrator, observability } = makeOrchestratorApp(
  app,
  environment('poc', (input) => ({
    ...input,
    channels: {
      webhooks: [
        { id: 'itsm', url: 'https://itsm.example.com/in', secret: secretOf('itsm') },
        {
          id: 'archive',
          url: 'https://archive.example.com/in',
          secret: secretOf('archive'),
          workspaces: ['tenant-a/*'],
        },
      ],
      slack: {
        botToken: secretOf('bot'),
        signingSecret: secretOf('signing'),
        channels: [{ id: 'ops', channel: 'C0OPS' }],
      },
      routes: [{ when: { dangers: ['destroy'] }, to: ['webhook:itsm'] }],
    },
  })),
);
const template = Template.fromStack(orchestrator);
const functionsOf = (step: string) =>
  Object.entries(template.findResources('AWS::Lambda::Function')).filter(
    ([, { Properties }]) => Properties.Description === `Step ${step}`,
  );

/** What the policies of a role allow, e.g. `sqs:SendMessage ChannelsRoute…`. */
const grantsOf = (functionId: string): string[] => {
  const role = template.findResources('AWS::Lambda::Function')[functionId]?.Properties.Role['Fn::GetAtt'][0];
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some((one: { Ref: string }) => one.Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} ${JSON.stringify(Resource)}`),
    );
};

test('no rule finds anything', () => {
  expect(findings(app)).toEqual([]);
});

test('each webhook has a function of its own, which reads its own secret and its own queue alone', () => {
  const functions = functionsOf('deliver-webhook');
  expect(functions).toHaveLength(2);
  for (const [id, { Properties }] of functions) {
    const name = Properties.Environment.Variables.URL.includes('itsm') ? 'itsm' : 'archive';
    const grants = grantsOf(id).filter((grant) => /^(sqs|secretsmanager|dynamodb|s3|states)/.test(grant));
    expect(grants.filter((grant) => grant.startsWith('secretsmanager'))).toEqual([
      `secretsmanager:GetSecretValue ${JSON.stringify(secretOf(name))}`,
    ]);
    expect(new Set(grants.map((grant) => grant.split(' ')[0]))).toEqual(
      new Set([
        // Who stands behind a reference.
        'dynamodb:GetItem',
        'secretsmanager:GetSecretValue',
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ]),
    );
    for (const grant of grants.filter((one) => one.startsWith('sqs')))
      expect(grant).toContain(`ChannelsWebhook${name}`);
  }
});

test('messages are taken one by one, and each is put off by itself', () => {
  for (const [id] of functionsOf('deliver-webhook'))
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: id },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
});

test('the router reads the ledger’s stream from now on, and reaches nothing but queues', () => {
  const [[id = ''] = []] = functionsOf('route-events');
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionName: { Ref: id },
    StartingPosition: 'LATEST',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    DestinationConfig: { OnFailure: Match.anyValue() },
  });
  const actions = new Set(grantsOf(id).map((grant) => grant.split(' ')[0]));
  for (const action of actions)
    expect(action).toMatch(
      /^(sqs:SendMessage|sqs:GetQueue\w+|dynamodb:(ListStreams|DescribeStream|GetRecords|GetShardIterator)|kms:(Decrypt|DescribeKey)|logs:\w+|xray:\w+)$/,
    );
  expect(actions).toContain('sqs:SendMessage');
});

test('an alarm tells of dead letters of each', () => {
  const alarms = Object.values(Template.fromStack(observability).findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties.AlarmDescription as string,
  );
  for (const name of ['route-events', 'webhook-itsm', 'webhook-archive', 'slack'])
    expect(alarms).toContain(`${name}: messages could not be delivered and wait for a person.`);
});

test('who replays dead letters finds their queues', () => {
  const outputs = Object.entries(template.findOutputs('*')).filter(([name]) => /^DeadLetters\d/.test(name));
  const told = outputs.map(([, { Value }]) => JSON.stringify(Value));
  for (const name of [
    'archive-ledger',
    'route-events',
    'webhook-itsm',
    'slack',
    'send-callback',
    'reconcile-run',
  ])
    expect(told.filter((text) => text.includes(`\\"name\\":\\"${name}\\"`))).toHaveLength(1);
});

test('Slack has messages in the order of a run, and neither function knows the other’s secret', () => {
  const [[deliver = ''] = []] = functionsOf('deliver-slack');
  const [[interact = ''] = []] = functionsOf('slack-interactions');
  template.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: true, RedrivePolicy: Match.anyValue() });
  const secrets = (id: string) => grantsOf(id).filter((grant) => grant.startsWith('secretsmanager'));
  expect(secrets(deliver)).toEqual([`secretsmanager:GetSecretValue ${JSON.stringify(secretOf('bot'))}`]);
  expect(secrets(interact)).toEqual([`secretsmanager:GetSecretValue ${JSON.stringify(secretOf('signing'))}`]);
  const touched = grantsOf(interact).filter((grant) => /^(dynamodb|states|lambda|sqs)/.test(grant));
  expect(touched.map((grant) => grant.split(' ')[0])).toEqual(['dynamodb:PutItem', 'dynamodb:UpdateItem']);
});

test('clicks in Slack arrive at a route of their own', () => {
  const [[interact = ''] = []] = functionsOf('slack-interactions');
  const posts = Object.values(template.findResources('AWS::ApiGateway::Method')).filter(
    ({ Properties }) => Properties.HttpMethod === 'POST' && JSON.stringify(Properties).includes(interact),
  );
  expect(posts).toHaveLength(1);
  template.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: 'slack' });
});
