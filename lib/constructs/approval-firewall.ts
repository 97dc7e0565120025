import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { OperationDefaults } from './operation-defaults';

export interface ApprovalFirewallProps {
  readonly stage: Stage;
  /** Below this path services call that sign what they send, e.g. `/live/webhooks/`. */
  readonly signedBelow: string;
}

const window = 300;
/** Requests of one address in five minutes. A whole office may stand behind one. */
const most = { requests: 300, answers: 100, webhooks: 1000 } as const;
/** What the firewall sees of a body; the largest form that the pages take has as much. */
const largestFormBytes = 16 * 1024;

/**
 * Rules of the common set that would refuse people: the code that a sign-in brings back can be longer than a query may
 * be there, and a comment is free text, which may name an address or a path; it is escaped and nothing interprets it.
 */
const onlyCounted = [
  'SizeRestrictions_QUERYSTRING',
  'SizeRestrictions_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'CrossSiteScripting_BODY',
  'EC2MetaDataSSRF_BODY',
] as const;

const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  // A sample shows whole requests, nonces included.
  sampledRequestsEnabled: false,
});

const matching = (
  fieldToMatch: CfnWebACL.FieldToMatchProperty,
  positionalConstraint: 'STARTS_WITH' | 'EXACTLY',
  searchString: string,
): CfnWebACL.StatementProperty => ({
  byteMatchStatement: {
    fieldToMatch,
    positionalConstraint,
    searchString,
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
});

const not = (statement: CfnWebACL.StatementProperty): CfnWebACL.StatementProperty => ({
  notStatement: { statement },
});

type UnnumberedRule = Omit<CfnWebACL.RuleProperty, 'priority'>;

const blocking = (name: string, statement: CfnWebACL.StatementProperty): UnnumberedRule => ({
  name,
  action: { block: {} },
  statement,
  visibilityConfig: visibility(name),
});

const rate = (limit: number, scopeDownStatement: CfnWebACL.StatementProperty) => ({
  rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: window, scopeDownStatement },
});

const managed = (
  name: string,
  more: Partial<CfnWebACL.ManagedRuleGroupStatementProperty> = {},
): UnnumberedRule => ({
  name,
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ...more } },
  visibilityConfig: visibility(name),
});

/**
 * The web application firewall in front of the public surface. It blocks what is known to be bad and what comes too
 * often; it logs what it blocked or would have blocked, without query and cookies, in which keys stand.
 */
export class ApprovalFirewall extends Construct {
  constructor(scope: Construct, id: string, { stage, signedBelow }: ApprovalFirewallProps) {
    super(scope, id);
    const signed = matching({ uriPath: {} }, 'STARTS_WITH', signedBelow);
    // What is signed is what a service sends, of any size and with any text in it: these rules would refuse most of it.
    const unlessSigned = { scopeDownStatement: not(signed) };
    const posted = {
      andStatement: { statements: [matching({ method: {} }, 'EXACTLY', 'POST'), not(signed)] },
    };
    const rules: UnnumberedRule[] = [
      blocking('rate', rate(most.requests, not(signed))),
      blocking('rate-of-answers', rate(most.answers, posted)),
      blocking('rate-of-webhooks', rate(most.webhooks, signed)),
      blocking('size-of-forms', {
        andStatement: {
          statements: [
            not(signed),
            {
              sizeConstraintStatement: {
                fieldToMatch: { body: { oversizeHandling: 'MATCH' } },
                comparisonOperator: 'GT',
                size: largestFormBytes,
                textTransformations: [{ priority: 0, type: 'NONE' }],
              },
            },
          ],
        },
      }),
      managed('AWSManagedRulesAmazonIpReputationList'),
      managed('AWSManagedRulesCommonRuleSet', {
        ...unlessSigned,
        ruleActionOverrides: onlyCounted.map((name) => ({ name, actionToUse: { count: {} } })),
      }),
      managed('AWSManagedRulesKnownBadInputsRuleSet', unlessSigned),
    ];
    const acl = new CfnWebACL(this, 'Acl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('approval-firewall'),
      rules: rules.map((rule, priority) => ({ ...rule, priority })),
    });
    new CfnWebACLAssociation(this, 'OfStage', { resourceArn: stage.stageArn, webAclArn: acl.attrArn });
    this.log(acl);
  }

  private log(acl: CfnWebACL): void {
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    const group = new LogGroup(this, 'Logs', {
      // The firewall writes to no group of another name.
      logGroupName: `aws-waf-logs-${Stack.of(this).stackName}`,
      retention: logRetention,
      removalPolicy: logRemoval,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: group.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      // Keys stand in the query, sessions in the cookie. Bodies are never logged.
      redactedFields: [
        { queryString: {} },
        { singleHeader: { Name: 'cookie' } },
        { singleHeader: { Name: 'referer' } },
      ],
      // Who came and was let through is nobody's business here; the access log has how many.
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
              ActionCondition: { Action },
            })),
          },
        ],
      },
    });
  }
}
