import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrokerInput, IssuedCredentials } from '../broker-credentials/contract';
import { logger } from '../shared/logger';

export type IssueCredentials = (request: BrokerInput) => Promise<IssuedCredentials>;

/** Variables that lead a tool to its credentials; no key is among them. */
export type LentCredentials = Readonly<Record<string, string>>;

export interface CredentialEndpoint {
  readonly env: LentCredentials;
  close(): Promise<void>;
}

interface EndpointOptions {
  readonly issue: () => Promise<IssuedCredentials>;
  /** Keeps values out of logs. */
  readonly hide: (secrets: readonly string[]) => void;
  readonly now: () => Date;
}

/** AWS SDKs ask again five minutes before the end; what they are given then must last. */
const freshForMs = 10 * 60_000;

const listen = (server: Server): Promise<number> =>
  new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });

/**
 * Answers one tool's AWS SDK with credentials for as long as the tool works, however long that is: the broker lends
 * for an hour, so it is asked again before the hour is over. Only who holds the token gets an answer, and only from
 * this machine.
 *
 * @throws what the broker refuses with, before any tool has started
 */
export const openCredentialEndpoint = async ({
  issue,
  hide,
  now,
}: EndpointOptions): Promise<CredentialEndpoint> => {
  const lend = async (): Promise<IssuedCredentials> => {
    const lent = await issue();
    hide([lent.secretAccessKey, lent.sessionToken]);
    return lent;
  };
  const leftMs = ({ expiration }: IssuedCredentials): number => Date.parse(expiration) - now().getTime();
  let known = await lend();
  let asking: Promise<IssuedCredentials> | undefined;
  const current = async (): Promise<IssuedCredentials> => {
    if (leftMs(known) > freshForMs) return known;
    asking ??= lend().finally(() => {
      asking = undefined;
    });
    try {
      known = await asking;
    } catch (error) {
      // A run that is being stopped gets nothing new, and needs what it has to save its state.
      logger.warn('the broker lent nothing new', { reason: (error as Error).name });
      if (leftMs(known) <= 0) throw error;
    }
    return known;
  };

  const token = randomBytes(32).toString('base64url');
  hide([token]);
  const isBearer = (given: string | undefined): boolean => {
    const [sent, wanted] = [Buffer.from(given ?? ''), Buffer.from(token)];
    return sent.length === wanted.length && timingSafeEqual(sent, wanted);
  };
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method !== 'GET' || !isBearer(request.headers.authorization)) {
      answer(403, { code: 'Forbidden', message: 'Nothing is lent without the token of this task.' });
      return;
    }
    current().then(
      ({ accessKeyId, secretAccessKey, sessionToken, expiration }) =>
        answer(200, {
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          Token: sessionToken,
          Expiration: expiration,
        }),
      (error: Error) => answer(403, { code: error.name, message: error.message }),
    );
  });
  const port = await listen(server);
  return {
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
