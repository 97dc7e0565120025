import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { securityHeaders } from '../../lambdas/shared/security-headers';
import { ApprovalApi } from '../../lib/constructs/approval-api';
import { infraApp } from '../support/infra-app';

/** Nothing of AWS can be reached: so each function shows how it answers when it fails, too. */
const unreachable = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_MAX_ATTEMPTS: '1',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
};
const publicUrl = 'https://gate.example.com/live';
const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:one';
const identifyBy = JSON.stringify({ by: 'session', sessionsTable: 't', publicUrl, idleMinutes: 30 });
const common = {
  APPROVALS_TABLE: 't',
  CREDENTIALS_TABLE: 'credentials',
  RUNS_TABLE: 't',
  LEDGER_TABLE: 't',
  PEOPLE_TABLE: 't',
  ARTIFACTS_BUCKET: 'b',
  CHANNELS_TABLE: 't',
  SESSIONS_TABLE: 't',
  GITHUB_TABLE: 't',
  SIGNING_SECRET_ARN: arn,
  SLACK_SIGNING_SECRET_ARN: arn,
  WEBHOOK_SECRET_ARN: arn,
  APP_SECRET_ARN: arn,
  KEY_ARN: arn,
  STATE_MACHINE_ARN: arn,
  APPROVERS: '[]',
  IDENTIFY_BY: identifyBy,
  SEND_CALLBACK_FUNCTION: 'f',
  TEND_APPROVALS_FUNCTION: 'f',
  PUBLIC_URL: publicUrl,
  SESSION_MINUTES: '60',
  IDLE_MINUTES: '30',
  PROVIDER: JSON.stringify({
    issuer: 'http://127.0.0.1:1',
    clientId: 'orchestrator',
    scopes: [],
    personClaim: 'email',
    groupsClaim: 'groups',
    groups: {},
  }),
  ANSWERS_ORIGIN: 'https://hooks.slack.com',
  LOOPBACK: 'no',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_WEB_URL: 'https://github.com',
  GITHUB_MAPPINGS: '[]',
  STATE_MACHINES: '{}',
  VERSION: '0',
  COMMIT: '0',
  TOPICS: '[]',
  LIMITS_TABLE: 't',
  MOST_CALLS: '60',
};

const steps = [
  'approval-pages',
  'decide-approval',
  'sign-in',
  'health',
  'receive-github',
  'slack-interactions',
] as const;
type Step = (typeof steps)[number];
type Handler = (event: object) => Promise<APIGatewayProxyResult>;

/** Every route with the function behind it, as the gateway gets them. */
const routes = (): { verb: string; resource: string; step: Step }[] => {
  const stack = new Stack(infraApp(), 'stack');
  const fn = (step: Step) =>
    new LambdaFunction(stack, step, {
      code: Code.fromInline('exports.handler = async () => 1'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_LATEST,
    });
  const api = new ApprovalApi(stack, 'Api', { firewall: false });
  api.connect({
    pages: fn('approval-pages'),
    decide: fn('decide-approval'),
    signIn: fn('sign-in'),
    health: fn('health'),
    github: fn('receive-github'),
    slack: fn('slack-interactions'),
  });
  const template = Template.fromStack(stack);
  const resources = template.findResources('AWS::ApiGateway::Resource');
  const pathOf = (id: { Ref?: string }): string => {
    const one = resources[id.Ref ?? ''];
    return one ? `${pathOf(one.Properties.ParentId)}/${one.Properties.PathPart}` : '';
  };
  return Object.values(template.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => {
    const uri = JSON.stringify(Properties.Integration.Uri);
    const step = steps.find((name) => uri.includes(name.replaceAll('-', '')));
    if (!step) throw new Error(`no function behind ${uri}`);
    return { verb: Properties.HttpMethod, resource: pathOf(Properties.ResourceId), step };
  });
};

const before = { ...process.env };
beforeAll(() => Object.assign(process.env, common, unreachable));
afterAll(() => {
  process.env = before;
});

const handlerOf = async (step: Step): Promise<Handler> =>
  (await import(`../../lambdas/${step}/handler`)).handler;

/** Requests that are refused, and ones that come as far as what cannot be reached. */
const requestsTo = (verb: string, resource: string): object[] => {
  const event = (more: object) => ({
    httpMethod: verb,
    resource,
    headers: {},
    queryStringParameters: null,
    pathParameters: { approvalId: 'run-1-dddddddd' },
    body: null,
    isBase64Encoded: false,
    ...more,
  });
  const cookie = `__Host-session=${'a'.repeat(43)}.1.${'a'.repeat(43)}`;
  const forms = ['application/x-www-form-urlencoded', 'application/json', 'text/plain'].map((type) => ({
    headers: { 'Content-Type': type, Cookie: cookie },
    body: `decision=approve&csrf=x&confirmation=x&comment=${'x'.repeat(20)}`,
  }));
  const strange = { httpMethod: 'PUT' };
  return verb === 'POST'
    ? [{}, ...forms, { ...forms[0], body: 'x'.repeat(2_000_000) }, strange].map(event)
    : [
        {},
        { headers: { Cookie: cookie } },
        { queryStringParameters: { deep: '1', key: '<script>', to: '//evil.example', state: 'x' } },
        strange,
      ].map(event);
};

test('every answer of every function behind a route carries the security headers, whatever comes and fails', async () => {
  const statuses = new Set<number>();
  for (const { verb, resource, step } of routes()) {
    const handler = await handlerOf(step);
    for (const event of requestsTo(verb, resource)) {
      const { statusCode, headers = {} } = await handler(event);
      statuses.add(statusCode);
      const sent = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      // No name in two spellings, of which a browser would believe either.
      expect(sent.size).toBe(Object.keys(headers).length);
      for (const [name, value] of Object.entries(securityHeaders))
        if (name !== 'Content-Security-Policy') expect(sent.get(name.toLowerCase())).toBe(value);
      const policy = String(sent.get('content-security-policy'));
      expect(policy).toMatch(/^default-src 'none'; /);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).not.toContain('unsafe');
      expect(policy).not.toContain('script-src');
      expect(sent.has('access-control-allow-origin')).toBe(false);
    }
  }
  // Answers of each kind were among them.
  expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 303, 405, 413, 415, 500, 503]));
}, 60_000);
