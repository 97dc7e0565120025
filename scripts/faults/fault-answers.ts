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
const query = (status: number, code: string): Answer =>
  xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>The service is not well.</Message></Error></ErrorResponse>`,
  );

const throttles: Readonly<Record<string, Answer>> = {
  s3: s3(503, 'SlowDown'),
  sns: query(400, 'Throttling'),
  dynamodb: json(400, 'ProvisionedThroughputExceededException'),
  lambda: json(429, 'TooManyRequestsException'),
};
const breaks: Readonly<Record<string, Answer>> = {
  s3: s3(500, 'InternalError'),
  sns: query(500, 'InternalFailure'),
};

/** How a service that is too busy, or broken, answers. */
export const answerOf = (effect: Extract<Effect, 'throttle' | 'break'>, service: string): Answer =>
  effect === 'throttle'
    ? (throttles[service] ?? json(400, 'ThrottlingException'))
    : (breaks[service] ?? json(500, 'InternalServerError'));

/** How S3 answers a session that may not, or no longer. */
export const refusal = s3(403, 'ExpiredToken');
