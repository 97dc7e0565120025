import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnStage,
  EndpointType,
  type IRestApi,
  LambdaIntegration,
  LogGroupLogDestination,
  type Method,
  RequestValidator,
  type Resource,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ApprovalFirewall } from './approval-firewall';
import { addGatewayPages } from './gateway-pages';
import { OperationDefaults } from './operation-defaults';

export interface ApprovalApiProps {
  /** Where people reach it; `{restApiId}` and `{stage}` are filled in. @default the stage's own URL */
  readonly publicBaseUrl?: string;
  /** Put a web application firewall in front. */
  readonly firewall: boolean;
}

/** The functions behind the routes. */
export interface ApprovalRoutes {
  /** GET and HEAD of `/approvals`, of `/approvals/{approvalId}`, of its part `/changes`, and of `/credentials`: reads only. */
  readonly pages: IFunction;
  /** POST of `/approvals/{approvalId}`: decides. */
  readonly decide: IFunction;
  /** `/sign-in`, `/sign-in/callback` and `/sign-out`. @default people have personal links */
  readonly signIn?: IFunction;
  /** GET of `/api/health`. */
  readonly health: IFunction;
  /** POST of `/webhooks/github`: starts runs. @default no such route */
  readonly github?: IFunction | undefined;
  /** POST of `/webhooks/slack`: answers clicks. @default no such route */
  readonly slack?: IFunction | undefined;
}

const stage = 'live';
/** Requests a second, over all callers: what one caller may do is the business of the firewall and of the functions. */
const throttles = {
  reading: { rate: 20, burst: 40 },
  /** What writes, or has us call somebody else. */
  acting: { rate: 10, burst: 20 },
} as const;
/** Below it, services call that sign what they send. */
const webhooks = 'webhooks';

/**
 * The public surface: approval pages and health, on a regional REST API, since a firewall cannot attach to an HTTP
 * API. There is no CORS: no other site may call it.
 *
 * {@link baseUrl} is known before {@link connect}, so that functions behind a route can be told it.
 */
export class ApprovalApi extends Construct {
  readonly api: RestApi;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  private throttled = 0;

  constructor(scope: Construct, id: string, props: ApprovalApiProps) {
    super(scope, id);
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    this.api = new RestApi(this, 'RestApi', {
      description: 'Approval pages and health of the orchestrator',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: stage,
        throttlingRateLimit: throttles.reading.rate,
        throttlingBurstLimit: throttles.reading.burst,
        accessLogDestination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLogs', { retention: logRetention, removalPolicy: logRemoval }),
        ),
        // The link's nonce stands in the query, the decision in the body: neither is logged.
        accessLogFormat: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            time: '$context.requestTime',
            method: '$context.httpMethod',
            resource: '$context.resourcePath',
            status: '$context.status',
            bytes: '$context.responseLength',
            milliseconds: '$context.responseLatency',
            caller: '$context.identity.sourceIp',
          }),
        ),
      },
    });
    const { restApiId } = this.api;
    const { region, urlSuffix } = Stack.of(this);
    this.baseUrl =
      props.publicBaseUrl?.replaceAll('{restApiId}', restApiId).replaceAll('{stage}', stage) ??
      `https://${restApiId}.execute-api.${region}.${urlSuffix}/${stage}`;
    addGatewayPages(this.api);
    this.acknowledge();
    if (props.firewall)
      new ApprovalFirewall(this, 'Firewall', {
        stage: this.api.deploymentStage,
        signedBelow: `/${stage}/${webhooks}/`,
      });
    else
      Validations.of(this.api).acknowledge({
        id: 'AwsSolutions-APIG3',
        reason: 'This environment is configured without a firewall; the throttle of the stage remains.',
      });
  }

  /** Routes requests to functions. Call once. */
  connect({ pages, decide, signIn, health, github, slack }: ApprovalRoutes): void {
    const validator = new RequestValidator(this, 'Validator', {
      restApi: this.api as IRestApi,
      validateRequestParameters: true,
      validateRequestBody: true,
    });
    type Parameters = Record<string, boolean>;
    const requestParameters: Parameters = { 'method.request.path.approvalId': true };
    const formParameters: Parameters = { 'method.request.header.Content-Type': true };
    const approvals = this.api.root.addResource('approvals');
    const approval = approvals.addResource('{approvalId}');
    const own = (resource: Resource, verb: string, fn: IFunction, parameters: Parameters): void => {
      const method = resource.addMethod(verb, new LambdaIntegration(fn, { allowTestInvoke: false }), {
        authorizationType: AuthorizationType.NONE,
        requestValidator: validator,
        requestParameters: parameters,
      });
      this.acknowledgeMethod(method, verb, resource);
      const acts = verb === 'POST' || resource.path.startsWith('/sign-') || resource.path.startsWith('/api/');
      if (acts) this.throttle(resource, verb);
    };
    own(approvals, 'GET', pages, {});
    own(approvals, 'HEAD', pages, {});
    own(approval, 'GET', pages, requestParameters);
    own(approval, 'HEAD', pages, requestParameters);
    const changes = approval.addResource('changes');
    own(changes, 'GET', pages, requestParameters);
    own(changes, 'HEAD', pages, requestParameters);
    const credentials = this.api.root.addResource('credentials');
    own(credentials, 'GET', pages, {});
    own(credentials, 'HEAD', pages, {});
    own(approval, 'POST', decide, { ...requestParameters, ...formParameters });
    own(this.api.root.addResource('api').addResource('health'), 'GET', health, {});
    if (signIn) {
      const begin = this.api.root.addResource('sign-in');
      own(begin, 'GET', signIn, {});
      own(begin.addResource('callback'), 'GET', signIn, {});
      const end = this.api.root.addResource('sign-out');
      own(end, 'GET', signIn, {});
      own(end, 'POST', signIn, formParameters);
    }
    if (!github && !slack) return;
    const signed = this.api.root.addResource(webhooks);
    if (github) own(signed.addResource('github'), 'POST', github, {});
    if (slack) own(signed.addResource('slack'), 'POST', slack, {});
  }

  /** By route, beside the setting for all. */
  private throttle(resource: Resource, verb: string): void {
    const { rate, burst } = throttles.acting;
    const cfnStage = this.api.deploymentStage.node.defaultChild as CfnStage;
    // The setting for all is the first.
    cfnStage.addPropertyOverride(`MethodSettings.${++this.throttled}`, {
      HttpMethod: verb,
      // The form that API Gateway wants a path in.
      ResourcePath: `/${resource.path.replaceAll('/', '~1')}`,
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
    });
  }

  private acknowledgeMethod(method: Method, verb: string, resource: Resource): void {
    const reason = ['/approvals', '/credentials'].some((page) => resource.path.startsWith(page))
      ? 'The function authenticates: by the personal nonce of the link, or by OIDC sign-in where the environment requires it.'
      : resource.path.startsWith('/sign-')
        ? 'This is how people come to be known: the function checks what the OpenID provider says of them.'
        : resource.path.startsWith(`/${webhooks}`)
          ? 'The function authenticates: by the signature of what was sent.'
          : `${verb} ${resource.path} tells whether the service is up, and nothing that needs an identity.`;
    Validations.of(method).acknowledge(
      { id: 'AwsSolutions-APIG4', reason },
      { id: 'AwsSolutions-COG4', reason },
    );
  }

  private acknowledge(): void {
    Validations.of(this.api).acknowledge(
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'Execution logs can show query strings and bodies, and with them the nonce of a link. The access logs show neither and are on.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: 'The role of API Gateway itself for the account: AWS prescribes this policy.',
      },
    );
  }
}
