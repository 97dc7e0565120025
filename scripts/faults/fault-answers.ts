import type { Effect } from './schedule';

/** An answer in place of the service's own. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The service that a request is signed for, such as `s3` or `dynamodb`. */
export const serviceOf = (authorization: string | undefined): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\//.exec(authorization ?? '')?.[1] ?? 'unknown';

const json = (status: number, name: string): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': name },
  body: JSON.stringify({ __type: name, message: 'The service is not well.' }),
});
const xml = (status: number, root: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${root}`,
});
const s3 = (status: number, code: string): Answer =>
  xml(status, `<Error><Code>${code}</Code><Message>The service is not well.</Message></Error>`);
const ec2 = (status: number, code: string): Answer =>
  xml(
    status,
    `<Response><Errors><Error><Code>${code}</Code><Message>The service is not well.</Message></Error></Errors></Response>`,
  );
const query = (status: number, code: string): Answer =>
  xml(
    status,
    `<ErrorResponse><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>The service is not well.</Message></Error></ErrorResponse>`,
  );

type Protocol = (status: number, code: string) => Answer;
/** Services that do not answer in JSON. A client finds no error it knows in a document of another protocol. */
const protocols: Readonly<Record<string, Protocol>> = { s3, ec2, sns: query, sts: query, iam: query };
const protocolOf = (service: string): Protocol => protocols[service] ?? json;

/** The codes by which services say that they are too busy. */
const throttles: Readonly<Record<string, readonly [status: number, code: string]>> = {
  s3: [503, 'SlowDown'],
  ec2: [503, 'RequestLimitExceeded'],
  sns: [400, 'Throttling'],
  sts: [400, 'Throttling'],
  iam: [400, 'Throttling'],
  dynamodb: [400, 'ProvisionedThroughputExceededException'],
  lambda: [429, 'TooManyRequestsException'],
};
const breaks: Readonly<Record<string, string>> = {
  s3: 'InternalError',
  ec2: 'InternalError',
  sns: 'InternalFailure',
  sts: 'InternalFailure',
  iam: 'InternalFailure',
};

/** How a service that is too busy, or broken, answers. */
export const answerOf = (effect: Extract<Effect, 'throttle' | 'break'>, service: string): Answer =>
  effect === 'throttle'
    ? protocolOf(service)(...(throttles[service] ?? [400, 'ThrottlingException']))
    : protocolOf(service)(500, breaks[service] ?? 'InternalServerError');

/** How S3 answers a session that may not, or no longer. */
export const refusal = s3(403, 'ExpiredToken');
