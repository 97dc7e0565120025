import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrokerInput, IssuedCredentials, TemporaryCredentials } from '../broker-credentials/contract';
import { logger } from '../shared/logger';

export type IssueCredentials = (request: BrokerInput) => Promise<IssuedCredentials>;

/** What leads a tool to its credentials; no key is among it. */
export interface LentCredentials {
  /** For its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A configuration of the AWS SDK whose profile {@link targetProfile} is the account where the infrastructure stands. */
  readonly awsConfig?: string;
  /** The identity itself, fresh, for what the worker does with the state beside the tool. */
  readonly identity: () => Promise<TemporaryCredentials>;
}

/** As whom providers work where the infrastructure stands in another account than the state. */
export const targetProfile = 'target';

export interface CredentialEndpoint extends LentCredentials {
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

const targetPath = '/target';

const inWordsOfAws = ({ accessKeyId, secretAccessKey, sessionToken, expiration }: TemporaryCredentials) => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  Token: sessionToken,
  Expiration: expiration,
});

const inWordsOfAProcess = (lent: TemporaryCredentials) => {
  const { Token: SessionToken, ...others } = inWordsOfAws(lent);
  return { Version: 1, ...others, SessionToken };
};

/** The SDK takes a second identity from a program alone, so one asks the same endpoint. */
const targetConfiguration = (url: string, token: string): string => {
  const ask = `fetch('${url}',{headers:{authorization:'${token}'}}).then(async(r)=>{process.stdout.write(await r.text());process.exitCode=r.ok?0:1})`;
  return `[profile ${targetProfile}]\ncredential_process = "${process.execPath}" -e "${ask}"\n`;
};

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
    for (const one of [lent, lent.target]) if (one) hide([one.secretAccessKey, one.sessionToken]);
    return lent;
  };
  const leftMs = ({ expiration, target }: IssuedCredentials): number =>
    Math.min(...[expiration, target?.expiration ?? expiration].map((one) => Date.parse(one))) -
    now().getTime();
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
      (lent) => {
        if (request.url === '/') return answer(200, inWordsOfAws(lent));
        if (request.url === targetPath && lent.target) return answer(200, inWordsOfAProcess(lent.target));
        return answer(403, { code: 'Forbidden', message: 'Nothing is lent for this.' });
      },
      (error: Error) => answer(403, { code: error.name, message: error.message }),
    );
  });
  const port = await listen(server);
  return {
    identity: current,
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
    ...(known.target && { awsConfig: targetConfiguration(`http://127.0.0.1:${port}${targetPath}`, token) }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
