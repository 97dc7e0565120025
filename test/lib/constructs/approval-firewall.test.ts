import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ApprovalFirewall } from '../../../lib/constructs/approval-firewall';
import { infraApp } from '../../support/infra-app';

const stack = new Stack(infraApp(), 'stack');
const api = new RestApi(stack, 'Api');
api.root.addMethod('GET', new MockIntegration());
new ApprovalFirewall(stack, 'Firewall', { stage: api.deploymentStage, signedBelow: '/live/webhooks/' });
const template = Template.fromStack(stack);
const only = (type: string) => Object.values(template.findResources(type))[0]?.Properties;
const { Rules: rules, VisibilityConfig } = only('AWS::WAFv2::WebACL');
const rule = (name: string) => rules.find(({ Name }: { Name: string }) => Name === name);
const unlessSigned = {
  NotStatement: { Statement: { ByteMatchStatement: { SearchString: '/live/webhooks/' } } },
};

test('it stands before the stage, and each rule has its place', () => {
  template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  expect(rules.map(({ Name, Priority }: Record<string, string>) => `${Priority} ${Name}`)).toEqual([
    '0 rate',
    '1 rate-of-answers',
    '2 rate-of-webhooks',
    '3 size-of-forms',
    '4 AWSManagedRulesAmazonIpReputationList',
    '5 AWSManagedRulesCommonRuleSet',
    '6 AWSManagedRulesKnownBadInputsRuleSet',
  ]);
});

test('an address may look more often than it may answer; services that sign have a rate of their own', () => {
  const rates = ['rate', 'rate-of-answers', 'rate-of-webhooks'].map((name) => {
    const { Action, Statement } = rule(name);
    expect(Action).toEqual({ Block: {} });
    return Statement.RateBasedStatement;
  });
  expect(rates).toMatchObject([
    { Limit: 300, AggregateKeyType: 'IP', EvaluationWindowSec: 300, ScopeDownStatement: unlessSigned },
    {
      Limit: 100,
      AggregateKeyType: 'IP',
      ScopeDownStatement: {
        AndStatement: { Statements: [{ ByteMatchStatement: { SearchString: 'POST' } }, unlessSigned] },
      },
    },
    { Limit: 1000, ScopeDownStatement: { ByteMatchStatement: { SearchString: '/live/webhooks/' } } },
  ]);
});

test('a form that is larger than any of ours is blocked, what is signed is not', () => {
  expect(rule('size-of-forms')).toMatchObject({
    Action: { Block: {} },
    Statement: {
      AndStatement: {
        Statements: [
          unlessSigned,
          {
            SizeConstraintStatement: {
              ComparisonOperator: 'GT',
              Size: 16_384,
              FieldToMatch: { Body: { OversizeHandling: 'MATCH' } },
            },
          },
        ],
      },
    },
  });
});

test('rules that a comment or a sign-in could meet by chance are counted, every other blocks', () => {
  const group = rule('AWSManagedRulesCommonRuleSet').Statement.ManagedRuleGroupStatement;
  expect(group.RuleActionOverrides).toEqual(
    [
      'SizeRestrictions_QUERYSTRING',
      'SizeRestrictions_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'CrossSiteScripting_BODY',
      'EC2MetaDataSSRF_BODY',
    ].map((Name) => ({ Name, ActionToUse: { Count: {} } })),
  );
  for (const name of ['AmazonIpReputationList', 'CommonRuleSet', 'KnownBadInputsRuleSet'])
    expect(rule(`AWSManagedRules${name}`).OverrideAction).toEqual({ None: {} });
  for (const name of ['CommonRuleSet', 'KnownBadInputsRuleSet'])
    expect(rule(`AWSManagedRules${name}`).Statement.ManagedRuleGroupStatement).toMatchObject({
      ScopeDownStatement: unlessSigned,
    });
});

test('it keeps no samples, and logs what it refused without query and cookies, in which keys stand', () => {
  for (const { SampledRequestsEnabled } of [
    VisibilityConfig,
    ...rules.map((one: { VisibilityConfig: object }) => one.VisibilityConfig),
  ])
    expect(SampledRequestsEnabled).toBe(false);
  const logging = only('AWS::WAFv2::LoggingConfiguration');
  expect(logging.RedactedFields).toEqual([
    { QueryString: {} },
    { SingleHeader: { Name: 'cookie' } },
    { SingleHeader: { Name: 'referer' } },
  ]);
  expect(logging.LoggingFilter.DefaultBehavior).toBe('DROP');
  expect(JSON.stringify(logging.LoggingFilter)).not.toContain('ALLOW');
  expect(only('AWS::Logs::LogGroup').LogGroupName).toMatch(/^aws-waf-logs-/);
});
