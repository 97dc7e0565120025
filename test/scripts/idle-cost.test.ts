import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { makeOrchestratorApp } from '../../lib/orchestrator-app';
import { inventory, type StackTemplate } from '../../scripts/aws-resources/inventory';
import { idleCosts, idleCostTable, type TemplateResources } from '../../scripts/idle-cost';
import { environment, infraApp } from '../support/infra-app';

const template = (...resources: [string, Record<string, unknown>?][]): TemplateResources => ({
  Resources: Object.fromEntries(
    resources.map(([Type, Properties = {}], index) => [`R${index}`, { Type, Properties }]),
  ),
});

test('counts what is billed for being there, over all stacks', () => {
  const costs = idleCosts([
    template(['AWS::KMS::Key'], ['AWS::CloudWatch::Alarm'], ['AWS::Lambda::Function']),
    template(['AWS::KMS::Key'], ['AWS::WAFv2::WebACL', { Rules: [{}, {}] }]),
  ]);
  expect(costs).toEqual([
    { what: 'web application firewall', count: 1, dollarsPerMonth: 5 },
    { what: 'rules of the firewall', count: 2, dollarsPerMonth: 2 },
    { what: 'alarms', count: 1, dollarsPerMonth: 0.1 },
    { what: 'KMS keys', count: 2, dollarsPerMonth: 2 },
  ]);
  expect(idleCostTable(costs)).toContain('| **sum** | | **9.10** |');
});

test('interface endpoints are billed in each zone', () => {
  const endpoint = { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] };
  expect(idleCosts([template(['AWS::EC2::VPCEndpoint', endpoint])])).toEqual([
    { what: 'interface endpoints', count: 1, dollarsPerMonth: 17.52 },
  ]);
});

const poc = () => {
  const app = infraApp();
  app.node.setContext('aws:cdk:enable-path-metadata', true);
  makeOrchestratorApp(app, environment('poc'));
  return app.node
    .findAll()
    .filter(Stack.isStack)
    .map((stack) => ({
      stack: stack.node.id,
      resources: Template.fromStack(stack).toJSON().Resources as StackTemplate['resources'],
    }));
};

test('the costs page tells what poc would cost now, and every resource says what it is for and costs', () => {
  const stacks = poc();
  const templates: TemplateResources[] = stacks.map(({ resources }) => ({ Resources: resources }));
  const page = readFileSync(join(__dirname, '../../docs/costs.md'), 'utf8');
  expect(page).toContain(idleCostTable(idleCosts(templates)));
  const sum = (costs: readonly number[]) => costs.reduce((total, one) => total + one, 0);
  expect(sum(inventory(stacks).map(({ idleDollars }) => idleDollars))).toBeCloseTo(
    sum(idleCosts(templates).map(({ dollarsPerMonth }) => dollarsPerMonth)),
    2,
  );
});
