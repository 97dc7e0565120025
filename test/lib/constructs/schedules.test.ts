import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { runId } from '../../../lambdas/shared/names';
import { Schedules } from '../../../lib/constructs/schedules';
import { makeOrchestratorApp } from '../../../lib/orchestrator-app';
import { environment, findings, infraApp } from '../../support/infra-app';

const app = infraApp();
const { orchestrator, observability } = makeOrchestratorApp(
  app,
  environment('poc', (input) => ({
    ...input,
    schedules: [
      {
        id: 'nightly-drift',
        workflow: 'drift-check',
        cron: '0 3 * * ? *',
        timezone: 'Europe/Berlin',
        input: { workspace: 'acme/shop', reason: 'Nightly' },
      },
      { id: 'often', workflow: 'drift-check', rate: '6 hours', input: { workspace: 'acme/api' } },
      {
        id: 'weekly-end',
        workflow: 'decommission',
        cron: '0 4 ? * SUN *',
        input: { workspace: 'acme/shop', reason: 'Weekly' },
        enabled: false,
      },
    ],
  })),
);
const template = Template.fromStack(orchestrator);
const starts = () =>
  Object.values(template.findResources('AWS::Scheduler::Schedule'))
    .map(({ Properties }) => Properties)
    .filter(({ Target }) => JSON.stringify(Target.Arn).includes('aws-sdk:sfn:startExecution'));
const inputOf = (start: { Target: { Input: unknown } }): string => JSON.stringify(start.Target.Input);

test('what no file in workflows/ begins a run with is refused', () => {
  const { schedules } = environment('poc');
  expect(() => new Schedules(new Stack(infraApp(), 'S'), 'Schedules', { schedules, workflows: [] })).toThrow(
    'Schedule nightly-drift: no workflow drift-detection begins a run.',
  );
});

test('no rule finds anything', () => {
  expect(findings(app)).toEqual([]);
});

test('each entry is a schedule in its time zone, on the minute, off where it says so', () => {
  expect(
    starts().map(({ ScheduleExpression, ScheduleExpressionTimezone, State, FlexibleTimeWindow }) => [
      ScheduleExpression,
      ScheduleExpressionTimezone,
      State,
      FlexibleTimeWindow,
    ]),
  ).toEqual([
    ['cron(0 3 * * ? *)', 'Europe/Berlin', 'ENABLED', { Mode: 'OFF' }],
    ['rate(6 hours)', 'UTC', 'ENABLED', { Mode: 'OFF' }],
    ['cron(0 4 ? * SUN *)', 'UTC', 'DISABLED', { Mode: 'OFF' }],
  ]);
});

test('a start that comes again has the same name, and says which schedule asks', () => {
  const [nightly] = starts();
  expect(inputOf(nightly as never)).toContain('nightly-drift-<aws.scheduler.execution-id>');
  expect(inputOf(nightly as never)).toContain('schedule:nightly-drift');
  // The longest id, with an execution id as long as a UUID, is a run id still.
  expect(runId.safeParse(`${'n'.repeat(27)}-${'f'.repeat(36)}`).success).toBe(true);
});

test('a start is tried for an hour and then kept, watched by an alarm', () => {
  for (const { Target } of starts()) {
    expect(Target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 });
    expect(JSON.stringify(Target.DeadLetterConfig)).toContain('SchedulesDeadLetters');
  }
  Template.fromStack(observability).hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmDescription: Match.stringLikeRegexp('^schedules: messages could not be delivered'),
  });
});

test('a role starts one workflow, and only schedules of this group may have it', () => {
  const roles = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) =>
    id.startsWith('SchedulesRole'),
  );
  expect(roles.map(([, { Properties }]) => Properties.Description)).toEqual([
    'Starts drift-check by schedule',
    'Starts decommission by schedule',
  ]);
  for (const [, { Properties }] of roles)
    expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:SourceAccount': { Ref: 'AWS::AccountId' },
            'aws:SourceArn': expect.anything(),
          },
        },
      }),
    ]);
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith('SchedulesRole'),
  );
  for (const [, { Properties }] of policies)
    expect(
      Properties.PolicyDocument.Statement.map(({ Action }: { Action: string }) => Action).sort(),
    ).toEqual(['sqs:SendMessage', 'states:StartExecution']);
  const started = policies.map(([, { Properties }]) =>
    JSON.stringify(
      Properties.PolicyDocument.Statement.find(
        ({ Action }: { Action: string }) => Action === 'states:StartExecution',
      ).Resource,
    ),
  );
  expect(started).toEqual([expect.stringContaining('DriftCheck'), expect.stringContaining('Decommission')]);
});

test('whoever they start is known to be started by them', () => {
  const [step] = Object.values(template.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.Description === 'Step record-starter',
  );
  const starters = JSON.stringify(step?.Properties.Environment.Variables.OWN_STARTERS);
  expect(starters.match(/SchedulesRole\w+/g)).toHaveLength(2);
  expect(starters).toContain('schedule');
});

test('without an entry there is nothing', () => {
  const { orchestrator: plain } = makeOrchestratorApp(infraApp(), environment('dev'));
  expect(
    Object.keys(Template.fromStack(plain).toJSON().Resources).filter((id) => id.startsWith('Schedules')),
  ).toEqual([]);
});
