import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { securityHeaders } from '../../../lambdas/shared/security-headers';
import { ApprovalApi, type ApprovalApiProps } from '../../../lib/constructs/approval-api';
import { infraApp } from '../../support/infra-app';

const make = (props: ApprovalApiProps, webhooks: readonly 'github'[] = []) => {
  const stack = new Stack(infraApp(), 'stack', { env: { region: 'eu-central-1' } });
  const fn = (id: string) =>
    new LambdaFunction(stack, id, {
      code: Code.fromInline('exports.handler = async () => 1'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_LATEST,
    });
  const api = new ApprovalApi(stack, 'Api', props);
  const pages = fn('Pages');
  // Functions behind a route may be told its address: that must not tie a knot.
  pages.addEnvironment('PUBLIC_URL', api.baseUrl);
  const called = Object.fromEntries(webhooks.map((name) => [name, fn(name)]));
  api.connect({ pages, decide: fn('Decide'), health: fn('Health'), ...called });
  return { stack, api, template: Template.fromStack(stack) };
};
const guarded = make({ firewall: true });

test('the routes are exactly these, and each calls its own function', () => {
  const methods = Object.values(guarded.template.findResources('AWS::ApiGateway::Method')).map(
    ({ Properties }) =>
      `${Properties.HttpMethod} ${JSON.stringify(Properties.Integration.Uri).match(/(Pages|Decide|Health)/)?.[1]}`,
  );
  expect(methods.sort()).toEqual([
    'GET Health',
    'GET Pages',
    'GET Pages',
    'GET Pages',
    'GET Pages',
    'HEAD Pages',
    'HEAD Pages',
    'HEAD Pages',
    'HEAD Pages',
    'POST Decide',
  ]);
  guarded.template.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: 'changes' });
});

test('what API Gateway answers by itself is a page with a reference, and repeats nothing of the request', () => {
  const answers = Object.values(guarded.template.findResources('AWS::ApiGateway::GatewayResponse')).map(
    ({ Properties }) => Properties,
  );
  expect(answers.map(({ ResponseType }) => ResponseType).sort()).toEqual([
    'DEFAULT_4XX',
    'DEFAULT_5XX',
    'MISSING_AUTHENTICATION_TOKEN',
    'THROTTLED',
    'WAF_FILTERED',
  ]);
  for (const { ResponseTemplates, ResponseParameters } of answers) {
    const page = ResponseTemplates['text/html'];
    expect(page.match(/\$[\w.]+/g)).toEqual(['$context.requestId']);
    for (const [name, value] of Object.entries(securityHeaders))
      expect(ResponseParameters[`gatewayresponse.header.${name}`]).toBe(`'${value}'`);
  }
});

test('no other site may call it: there is no CORS', () => {
  guarded.template.resourcePropertiesCountIs('AWS::ApiGateway::Method', { HttpMethod: 'OPTIONS' }, 0);
});

test('it is regional and throttled', () => {
  guarded.template.hasResourceProperties('AWS::ApiGateway::RestApi', {
    EndpointConfiguration: { Types: ['REGIONAL'] },
  });
  guarded.template.hasResourceProperties('AWS::ApiGateway::Stage', {
    MethodSettings: Match.arrayWith([
      Match.objectLike({ ResourcePath: '/*', ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 }),
    ]),
  });
});

test('what writes, or has us call somebody else, is throttled more', () => {
  const [stage] = Object.values(
    make({ firewall: false }, ['github']).template.findResources('AWS::ApiGateway::Stage'),
  );
  const [all, ...acting] = stage?.Properties.MethodSettings ?? [];
  expect(all.HttpMethod).toBe('*');
  expect(
    acting.map(({ HttpMethod, ResourcePath }: Record<string, string>) => `${HttpMethod} ${ResourcePath}`),
  ).toEqual(['POST /~1approvals~1{approvalId}', 'GET /~1api~1health', 'POST /~1webhooks~1github']);
  for (const one of acting) expect(one).toMatchObject({ ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 });
});

test('the access log shows neither query nor body nor path', () => {
  const [stage] = Object.values(guarded.template.findResources('AWS::ApiGateway::Stage'));
  const format: string = stage?.Properties.AccessLogSetting.Format;
  expect(Object.values<string>(JSON.parse(format)).sort()).toEqual([
    '$context.httpMethod',
    '$context.identity.sourceIp',
    '$context.requestId',
    '$context.requestTime',
    '$context.resourcePath',
    '$context.responseLatency',
    '$context.responseLength',
    '$context.status',
  ]);
  expect(stage?.Properties.MethodSettings[0].DataTraceEnabled ?? false).toBe(false);
});

test('requests are validated before a function runs', () => {
  guarded.template.allResourcesProperties('AWS::ApiGateway::Method', {
    RequestValidatorId: Match.anyValue(),
  });
  guarded.template.hasResourceProperties('AWS::ApiGateway::Method', {
    HttpMethod: 'POST',
    RequestParameters: {
      'method.request.path.approvalId': true,
      'method.request.header.Content-Type': true,
    },
  });
});

test('without a firewall there is none', () => {
  make({ firewall: false }).template.resourceCountIs('AWS::WAFv2::WebACL', 0);
});

test('its address is that of the stage unless another is named', () => {
  expect(JSON.stringify(guarded.stack.resolve(guarded.api.baseUrl))).toContain('.execute-api.eu-central-1.');
  const { stack, api } = make({
    firewall: false,
    publicBaseUrl: 'http://127.0.0.1:4566/restapis/{restApiId}/{stage}/_user_request_',
  });
  expect(stack.resolve(api.baseUrl)).toEqual({
    'Fn::Join': [
      '',
      ['http://127.0.0.1:4566/restapis/', { Ref: expect.any(String) }, '/live/_user_request_'],
    ],
  });
});

test('a webhook has a route where there is one', () => {
  const { template } = make({ firewall: true }, ['github']);
  template.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: 'webhooks' });
  template.resourcePropertiesCountIs('AWS::ApiGateway::Method', { HttpMethod: 'POST' }, 2);
});
