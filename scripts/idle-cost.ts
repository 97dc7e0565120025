import { egressCosts } from '../lib/constructs/egress-cost';

/** The part of a CloudFormation template that costs are read from. */
export interface TemplateResources {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>
  >;
}

/** One line of the monthly bill of a deployment in which nothing runs. */
export interface IdleCost {
  readonly what: string;
  readonly count: number;
  readonly dollarsPerMonth: number;
}

/**
 * US dollars a month in eu-central-1, without free tiers, from aws.amazon.com: /kms/pricing (a rotated key costs one
 * more for each of its first two rotations), /secrets-manager/pricing, /cloudwatch/pricing, /waf/pricing.
 */
const perMonth = { key: 1, secret: 0.4, alarm: 0.1, dashboard: 3, firewall: 5, firewallRule: 1 } as const;

/**
 * What a deployment costs by merely being there, from its templates. What is billed by use stands at nothing here:
 * functions, tables, state machines, mail, storage, traces and logs.
 */
export const idleCosts = (templates: readonly TemplateResources[]): IdleCost[] => {
  const resources = templates.flatMap(({ Resources }) => Object.values(Resources));
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const firewallRules = ofType('AWS::WAFv2::WebACL').flatMap(({ Properties }) =>
    Array.isArray(Properties?.Rules) ? Properties.Rules : [],
  );
  const line = (what: string, count: number, each: number): IdleCost => ({
    what,
    count,
    dollarsPerMonth: Math.round(count * each * 100) / 100,
  });
  const interfaceEndpoints = ofType('AWS::EC2::VPCEndpoint').filter(
    ({ Properties }) => Properties?.VpcEndpointType === 'Interface',
  );
  const zones = Math.max(
    0,
    ...interfaceEndpoints.map(({ Properties }) =>
      Array.isArray(Properties?.SubnetIds) ? Properties.SubnetIds.length : 0,
    ),
  );
  const wayOut = (egress: 'nat' | 'endpoints'): number =>
    egressCosts(zones, interfaceEndpoints.length).find((one) => one.egress === egress)?.dollarsPerMonth ?? 0;
  const gateways = ofType('AWS::EC2::NatGateway').length;
  return [
    line('NAT gateway with its address', gateways, wayOut('nat')),
    line('interface endpoints', Math.min(1, interfaceEndpoints.length), wayOut('endpoints')),
    line('web application firewall', ofType('AWS::WAFv2::WebACL').length, perMonth.firewall),
    line('rules of the firewall', firewallRules.length, perMonth.firewallRule),
    line('alarms', ofType('AWS::CloudWatch::Alarm').length, perMonth.alarm),
    line('dashboard', ofType('AWS::CloudWatch::Dashboard').length, perMonth.dashboard),
    line('KMS keys', ofType('AWS::KMS::Key').length, perMonth.key),
    line('secrets', ofType('AWS::SecretsManager::Secret').length, perMonth.secret),
  ].filter(({ count }) => count > 0);
};

/** The lines as a Markdown table with their sum. */
export const idleCostTable = (costs: readonly IdleCost[]): string => {
  const total = costs.reduce((sum, { dollarsPerMonth }) => sum + dollarsPerMonth, 0);
  return [
    '| part | count | USD a month |',
    '|---|---|---|',
    ...costs.map(
      ({ what, count, dollarsPerMonth }) => `| ${what} | ${count} | ${dollarsPerMonth.toFixed(2)} |`,
    ),
    `| **sum** | | **${total.toFixed(2)}** |`,
  ].join('\n');
};
