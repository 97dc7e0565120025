import { InvalidInputError, StepError, TransientError } from '../../shared/errors';

/** OpenBao or Vault says no: the token is not valid (any more), or its policies do not allow it. */
export class OpenBaoDeniedError extends StepError {}

/** OpenBao or Vault understood the request and refuses it. */
export class OpenBaoRefusedError extends StepError {
  constructor(
    message: string,
    /** Another write came first: the version to replace is not the newest. */
    readonly isConflict: boolean,
  ) {
    super(message);
  }
}

export type Method = 'GET' | 'LIST' | 'POST' | 'PUT' | 'DELETE';

/** A server of OpenBao or Vault, spoken to with one token. */
export interface OpenBao {
  /**
   * Sends one request of the HTTP API. No message of an error holds what was sent or answered.
   *
   * @param path below `/v1/`, e.g. `secret/data/apps/checkout`
   * @returns the answer's JSON; nothing where the server answers 404 or has nothing to say
   * @throws TransientError where it does not answer, is sealed, standing by or too busy; OpenBaoDeniedError;
   * OpenBaoRefusedError
   */
  call(method: Method, path: string, body?: object): Promise<unknown>;
  /** The same server and namespace with another token, or with none. */
  as(token: string | undefined): OpenBao;
}

export interface OpenBaoOptions {
  /** `https://…`; `http://` only on this machine. */
  readonly address: string;
  readonly namespace?: string | undefined;
  readonly token?: string | undefined;
  /** Of one request, to the last byte. @default 5 seconds */
  readonly timeoutMs?: number;
  /** @default the global one */
  readonly fetch?: typeof globalThis.fetch;
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** Whether a token or a secret may be sent there: nobody on the way reads it. */
export const isSafeAddress = (address: string): boolean => {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(address);
  const isPlain = [search, hash, username, password].every((part) => part === '') && pathname === '/';
  return isPlain && (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)));
};

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9_.@-]*$/;

/** Whether every part of a path is a plain name. */
export const isPlainPath = (path: string): boolean =>
  path.split('/').every((segment) => SEGMENT.test(segment));

/**
 * A path of any names, so that it neither leads out of its folder nor carries a query.
 *
 * @throws InvalidInputError where a part of it is empty, or means another folder
 */
export const encodePath = (path: string): string => {
  const segments = path.split('/');
  if (segments.some((segment) => ['', '.', '..'].includes(segment)))
    throw new InvalidInputError('A path in OpenBao has no empty part, and none that is . or ..');
  return segments.map(encodeURIComponent).join('/');
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const CONFLICT = 'check-and-set parameter did not match';
/** Besides 500 and more: too many requests, and a stand-by that does not answer for the others. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 472;

const explain = (status: number): string =>
  status === 503 ? 'it is sealed or out of order' : `it answered ${status}`;

/** Speaks the HTTP API that OpenBao and Vault share. Nothing is repeated here: whoever calls knows what may be. */
export const makeOpenBao = (options: OpenBaoOptions): OpenBao => {
  const { namespace, token, timeoutMs = 5_000, fetch = globalThis.fetch } = options;
  const address = options.address.replace(/\/$/, '');
  const ask = async (method: Method, path: string, body: object | undefined) => {
    try {
      // The verb LIST is unknown to some that stand between.
      const [verb, query] = method === 'LIST' ? ['GET', '?list=true'] : [method, ''];
      const response = await fetch(`${address}/v1/${path}${query}`, {
        method: verb,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'x-vault-request': 'true',
          ...(token !== undefined && { 'x-vault-token': token }),
          ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      // The cause of a failed fetch may quote headers: only what kind of failure it was is kept.
      const { name, cause } = error as Error & { cause?: { code?: string } };
      const why = name === 'TimeoutError' ? `within ${timeoutMs / 1000} s` : `(${cause?.code ?? name})`;
      throw new TransientError(`OpenBao at ${address} did not answer ${method} ${path} ${why}.`);
    }
  };
  return {
    as: (other) => makeOpenBao({ ...options, token: other }),
    call: async (method, path, body) => {
      const { status, text } = await ask(method, path, body);
      const what = `${method} ${path}`;
      if (status === 404 || status === 204) return undefined;
      if (status === 403)
        throw new OpenBaoDeniedError(
          `OpenBao at ${address} does not allow ${what}: the token has expired or was revoked, or its policies do not hold that path.`,
        );
      if (isPassing(status))
        throw new TransientError(`OpenBao at ${address} cannot do ${what} now: ${explain(status)}.`);
      if (status >= 400)
        throw new OpenBaoRefusedError(
          `OpenBao at ${address} refuses ${what} (${status}).`,
          text.includes(CONFLICT),
        );
      const answer = parseJson(text);
      if (answer === undefined && text !== '')
        throw new TransientError(`What answers at ${address} is not OpenBao: ${what} gave no JSON.`);
      return answer;
    },
  };
};
