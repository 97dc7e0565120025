import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { securityHeaders } from './security-headers';

/** What a page needs of an API Gateway (REST, proxy integration) event. Header names are lower-case. */
export interface HttpRequest {
  readonly method: string;
  readonly pathId: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** As the gateway saw it; no header of the caller's. */
  readonly sourceAddress?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type ProxyEvent = Pick<
  APIGatewayProxyEvent,
  | 'httpMethod'
  | 'resource'
  | 'headers'
  | 'queryStringParameters'
  | 'pathParameters'
  | 'body'
  | 'isBase64Encoded'
> & {
  readonly requestContext?: { readonly identity?: { readonly sourceIp?: string } };
};

export const readRequest = (event: ProxyEvent): HttpRequest => ({
  method: event.httpMethod,
  pathId: event.pathParameters?.approvalId ?? '',
  query: event.queryStringParameters ?? {},
  headers: Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  ),
  body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  sourceAddress: event.requestContext?.identity?.sourceIp,
});

/** What leaves: every answer carries the security headers, and HEAD has the headers of GET and no body. */
export const toProxyResult = (response: HttpResponse, method: string): APIGatewayProxyResult => ({
  statusCode: response.status,
  headers: { ...securityHeaders, ...response.headers },
  body: method === 'HEAD' ? '' : response.body,
});
