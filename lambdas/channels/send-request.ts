import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { StepError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import type { ResolveHost } from '../shared/public-host';
import { isLoopback, urlProblem } from './request-url';

/** A message was not taken; the queue brings it again. */
export class DeliveryError extends StepError {
  constructor(
    message: string,
    /** Seconds for which the receiver wants to be left alone. */
    readonly retryAfterSeconds?: number,
  ) {
    super(plainText(message, 300));
  }
}

export interface OutgoingRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface SendDeps {
  readonly resolve: ResolveHost;
  /** Whether this machine itself may be called: only where AWS is emulated. */
  readonly loopback: boolean;
  /** For everything, from finding the host to the last byte. */
  readonly timeoutMs: number;
  /** Of the answer; what is longer is no answer. */
  readonly maxAnswerBytes: number;
  /** Certificates to trust instead of the system's. */
  readonly ca?: string;
}

export type SendRequest = (request: OutgoingRequest) => Promise<Answer>;

/**
 * Posts to an address of the internet. The host is looked up once and exactly the address that was checked is
 * connected to, so that a name which changes its meaning in between changes nothing. No redirect is followed, no
 * proxy asked, no connection kept.
 *
 * @throws DeliveryError when the address is refused, nobody answers in time, or the answer is too long.
 */
export const makeSendRequest =
  ({ resolve, loopback, timeoutMs, maxAnswerBytes, ca }: SendDeps): SendRequest =>
  async ({ url, headers, body }) => {
    const problem = urlProblem(url, { loopback });
    if (problem) throw new DeliveryError(`The address is refused: ${problem}.`);
    const signal = AbortSignal.timeout(timeoutMs);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () =>
        reject(new DeliveryError(`Nobody answered within ${timeoutMs / 1000} s.`)),
      );
    });
    late.catch(() => undefined);
    const { hostname, protocol } = new URL(url);
    const address = await Promise.race([
      late,
      isLoopback(hostname)
        ? '127.0.0.1'
        : resolve(hostname).catch((error: Error) => {
            throw new DeliveryError(error.message);
          }),
    ]);
    const lookup: LookupFunction = (_, { all }, found) =>
      all ? found(null, [{ address, family: 4 }]) : found(null, address, 4);
    const send = protocol === 'https:' ? requestHttps : requestHttp;
    return await Promise.race([
      late,
      new Promise<Answer>((resolveAnswer, reject) => {
        const failed = (error: NodeJS.ErrnoException): void =>
          reject(
            error instanceof DeliveryError
              ? error
              : new DeliveryError(`The connection failed: ${error.code ?? error.message}.`),
          );
        const sent = send(
          url,
          {
            method: 'POST',
            agent: false,
            lookup,
            signal,
            headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
            ...(ca !== undefined && { ca }),
          },
          (answer) => {
            const chunks: Buffer[] = [];
            let size = 0;
            answer.on('data', (chunk: Buffer) => {
              size += chunk.byteLength;
              if (size > maxAnswerBytes) answer.destroy(new DeliveryError('The answer is too long.'));
              else chunks.push(chunk);
            });
            answer.on('error', failed);
            answer.on('end', () =>
              resolveAnswer({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                body: Buffer.concat(chunks).toString('utf8'),
              }),
            );
          },
        );
        sent.on('error', failed);
        sent.end(body);
      }),
    ]);
  };

/** Whole seconds of a Retry-After header; a date, or nothing, is `undefined`. */
const retryAfterOf = ({ headers }: Answer): number | undefined => {
  const given = headers['retry-after'];
  return typeof given === 'string' && /^\d{1,6}$/.test(given) ? Number(given) : undefined;
};

/** @throws DeliveryError unless the answer says that the message was taken. */
export const requireTaken = (answer: Answer): void => {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400)
    throw new DeliveryError(`The receiver redirects (${status}), and no redirect is followed.`);
  throw new DeliveryError(`The receiver answered ${status}.`, retryAfterOf(answer));
};
