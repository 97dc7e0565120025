import { isIPv6 } from 'node:net';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { hasLanded } from './conditional-write';
import { sha256Hex } from './digest';
import type { HttpRequest, HttpResponse } from './http';
import { logger } from './logger';

/** What a function that limits its callers needs of its environment. */
export const callerLimitsEnv = {
  /** Where calls are counted. */
  LIMITS_TABLE: z.string(),
  /** Calls of one caller in five minutes. */
  MOST_CALLS: z.coerce.number().int().positive(),
};

const windowSeconds = 300;

/** Whose calls are counted together: an IPv4 address, or the 2^64 addresses that one IPv6 line has. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [before = [], after = []] = address
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
};

/**
 * Who sent a request: a network, and the link or session that came along. Whoever invents links has a new one each
 * time, but one network.
 */
export const callersOf = ({ headers, body, sourceAddress }: HttpRequest): string[] => {
  const session = /(?:^|;)\s*(?:__Host-)?session=([A-Za-z0-9_-]{43})\./.exec(headers.cookie ?? '')?.[1];
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  // The form of an answer has it first, and a form is small.
  const key = isForm
    ? /(?:^|&)key=([A-Za-z0-9_-]{43})(?:&|$)/.exec(Buffer.from(body).toString('latin1', 0, 4096))?.[1]
    : undefined;
  return [
    `network ${networkOf(sourceAddress ?? 'unknown')}`,
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(key === undefined ? [] : [`link ${key}`]),
  ];
};

interface Limit {
  /** Counted apart from other routes. */
  readonly route: string;
  readonly tooMany: (minutes: number) => HttpResponse;
  /** What becomes of a request that cannot be counted. @default it is served: a limit is no permission */
  readonly uncounted?: () => HttpResponse;
}

/**
 * Serves a caller so many times in five minutes, and tells them after that when to come again. Callers are counted by
 * digests, in windows that begin with the clock's five minutes; counts are forgotten.
 */
export const makeLimitCallers =
  (deps: {
    readonly client: Pick<DynamoDBDocumentClient, 'send'>;
    readonly table: string;
    readonly most: number;
    readonly now: () => Date;
  }) =>
  <More extends unknown[]>(
    { route, tooMany, uncounted }: Limit,
    serve: (request: HttpRequest, ...more: More) => Promise<HttpResponse>,
  ) =>
  async (request: HttpRequest, ...more: More): Promise<HttpResponse> => {
    const seconds = Math.floor(deps.now().getTime() / 1000);
    const window = Math.floor(seconds / windowSeconds);
    const count = (caller: string): Promise<boolean> =>
      hasLanded(
        deps.client.send(
          new UpdateCommand({
            TableName: deps.table,
            Key: { id: `limit#${route}#${sha256Hex(caller)}#${window}` },
            UpdateExpression: 'SET forgetAt = :forgetAt ADD calls :one',
            ConditionExpression: 'attribute_not_exists(calls) OR calls < :most',
            ExpressionAttributeValues: {
              ':forgetAt': (window + 2) * windowSeconds,
              ':one': 1,
              ':most': deps.most,
            },
          }),
        ),
      );
    try {
      if (!(await Promise.all(callersOf(request).map(count))).every(Boolean)) {
        const wait = (window + 1) * windowSeconds - seconds;
        logger.warn('a caller came too often', { route });
        const { headers, ...answer } = tooMany(Math.ceil(wait / 60));
        return { ...answer, headers: { ...headers, 'Retry-After': String(wait) } };
      }
    } catch (error) {
      logger.error('a call could not be counted', { route, code: (error as Error).name });
      if (uncounted) return uncounted();
    }
    return serve(request, ...more);
  };
