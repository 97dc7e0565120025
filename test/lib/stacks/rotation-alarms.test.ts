import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { credentialMetrics, rotationMetrics } from '../../../lambdas/watch-credentials/contract';
import { ObservabilityStack } from '../../../lib/stacks/observability-stack';
import { environment, infraApp } from '../../support/infra-app';

const root = join(__dirname, '../../..');
const config = environment('poc');
const stack = new ObservabilityStack(infraApp(), 'observability', {
  env: { region: config.region },
  config,
  stateMachines: {},
  functions: {},
  deadLetterQueues: {},
});
const template = Template.fromStack(stack);

test.each([
  [
    'CredentialsOverdue',
    { Period: 1800, Statistic: 'Maximum', EvaluationPeriods: 2, TreatMissingData: 'breaching' },
  ],
  [
    'RotationsFailed',
    { Period: 300, Statistic: 'Sum', EvaluationPeriods: 1, TreatMissingData: 'notBreaching' },
  ],
  ['CredentialsStuck', { Period: 1800, Statistic: 'Maximum', TreatMissingData: 'notBreaching' }],
  ['CredentialsStorming', { Period: 1800, Statistic: 'Maximum', TreatMissingData: 'notBreaching' }],
])('one of %s is told to people', (MetricName, rest) => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'Orchestrator',
    MetricName,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    AlarmActions: [Match.anyValue()],
    ...rest,
  });
});

test('each says what to do, and names a part of a runbook that there is', () => {
  const descriptions = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => String(Properties.AlarmDescription))
    .filter((text) => text.includes('secret-rotation.md'));
  expect(descriptions).toHaveLength(4);
  for (const text of descriptions) {
    const [, page = '', part = ''] = /(docs\/\S+\.md)#(\S+)$/.exec(text) ?? [];
    expect(existsSync(join(root, page))).toBe(true);
    const headings = [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
      ([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
    );
    expect(headings).toContain(part);
  }
});

test('the dashboard shows every metric, and each strategy by itself', () => {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  for (const { name } of Object.values({ ...credentialMetrics, ...rotationMetrics }))
    expect(body).toContain(name);
  for (const name of ['RotationsCompleted', 'RotationsFailed', 'RotationSeconds'])
    expect(body.replaceAll('\\', '')).toContain(`{Orchestrator,Strategy} MetricName="${name}"`);
});
