import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { makeOrchestratorApp } from '../../lib/orchestrator-app';
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

test('the costs page tells what poc would cost now', () => {
  const app = infraApp();
  makeOrchestratorApp(app, environment('poc'));
  const templates = app.node
    .findAll()
    .filter(Stack.isStack)
    .map((stack) => Template.fromStack(stack).toJSON() as TemplateResources);
  const page = readFileSync(join(__dirname, '../../docs/costs.md'), 'utf8');
  expect(page).toContain(idleCostTable(idleCosts(templates)));
});
