import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { parseStrictJson } from '../../cli/strict-json';
import { plannedHost } from '../../lambdas/shared/contract';
import { HostError, InvalidInputError } from '../../lambdas/shared/errors';
import { hostName, segment } from '../../lambdas/shared/names';
import { plainText } from '../../lambdas/shared/plain-text';
import { type HostController, UnknownHostError } from './host-controller';
import { HostsUnavailableError } from './host-driver';
import { AddressInUseError } from './loopback-addresses';
import { writeFileAtomically } from './write-file-atomically';

const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 16 };

const putBody = z.strictObject({ hosts: z.array(plannedHost).max(100) });
const keyBody = z.strictObject({
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name'),
  /** One key in OpenSSH form: no options before it, no second line after it. */
  publicKey: z
    .string()
    .max(2048)
    .regex(
      /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,1500}={0,3}(?: [\x21-\x7e]{0,255})?\n?$/,
      'one public key in OpenSSH form, without options',
    ),
});

/** Why a request is refused before the controller is asked. Its code is part of the API. */
class RefusedRequestError extends Error {
  override readonly name: string;
  constructor(
    readonly status: number,
    code: string,
    message: string,
  ) {
    super(message);
    this.name = code;
  }
}

/** Reads the token that callers must show, or makes one. Only this user can read the file. */
export const ensureToken = async (file: string): Promise<string> => {
  const present = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (/^[\w-]{43}$/.test(present)) return present;
  const token = randomBytes(32).toString('base64url');
  await writeFileAtomically(file, `${token}\n`, 0o600);
  return token;
};

/** The HTTP face of the host controller: what the runner calls where, on AWS, it calls EC2. */
export const makeHostApi = (options: {
  readonly controller: HostController;
  readonly token: string;
  /** Told of failures that are nobody's input. */
  readonly log: (line: string) => void;
}): Server => {
  const server = createServer((request, response) => {
    void answer(options.controller, options.token, request)
      .then((body) => send(response, body === undefined ? 204 : 200, body))
      .catch((error: unknown) => {
        const { status, code, message } = refusalOf(error);
        if (status >= 500) options.log(`${request.method} ${plainText(request.url ?? '', 300)}: ${message}`);
        // Whoever still sends a body that is not wanted is not listened to any longer.
        if (!request.complete) response.setHeader('connection', 'close');
        send(response, status, { error: { code, message } });
      });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

const refusalOf = (error: unknown): { status: number; code: string; message: string } => {
  if (error instanceof RefusedRequestError)
    return { status: error.status, code: error.name, message: error.message };
  if (error instanceof InvalidInputError) return { status: 400, code: error.name, message: error.message };
  if (error instanceof UnknownHostError) return { status: 404, code: error.name, message: error.message };
  if (error instanceof AddressInUseError) return { status: 409, code: error.name, message: error.message };
  if (error instanceof HostError || error instanceof HostsUnavailableError)
    return { status: 500, code: error.name, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, code: 'InternalError', message: plainText(message, 500) };
};

const answer = async (controller: HostController, token: string, request: IncomingMessage) => {
  authorize(request, token);
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const [, root, tenant, workspace, kind, host, keys, ...rest] = path.split('/');
  if (root !== 'workspaces' || kind !== 'hosts' || rest.length > 0) throw notFound(path);
  const names = read(z.strictObject({ tenant: segment, workspace: segment }), { tenant, workspace });
  if (host === undefined) {
    if (request.method === 'GET') return { hosts: await controller.listHosts(names.tenant, names.workspace) };
    if (request.method !== 'PUT') throw wrongMethod(request, 'GET or PUT');
    const { hosts } = read(putBody, await readJson(request));
    return { hosts: await controller.ensureHosts(names.tenant, names.workspace, hosts) };
  }
  if (keys !== 'ssh-keys') throw notFound(path);
  if (request.method !== 'POST') throw wrongMethod(request, 'POST');
  const { name } = read(z.strictObject({ name: hostName }), { name: host });
  const { user, publicKey } = read(keyBody, await readJson(request));
  const [type, key] = publicKey.trim().split(' ');
  await controller.allowKey(names.tenant, names.workspace, name, user, `${type} ${key}`);
  return undefined;
};

const notFound = (path: string) =>
  new RefusedRequestError(404, 'NotFound', `There is nothing at ${plainText(path, 200)}.`);

const wrongMethod = (request: IncomingMessage, allowed: string) =>
  new RefusedRequestError(405, 'MethodNotAllowed', `${request.method} is not allowed here; use ${allowed}.`);

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const authorize = (request: IncomingMessage, token: string): void => {
  // A page in a browser could reach us by a name that it made resolve to this machine.
  const host = request.headers.host?.replace(/:\d+$/, '');
  const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const isOurs = timingSafeEqual(sha256(shown), sha256(token));
  if (!isOurs || (host !== '127.0.0.1' && host !== 'localhost'))
    throw new RefusedRequestError(
      401,
      'Unauthorized',
      'Show the token of this host controller as "Authorization: Bearer …".',
    );
};

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim();
  if (type !== 'application/json')
    throw new RefusedRequestError(415, 'UnsupportedMediaType', 'Send the body as application/json.');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LIMITS.maxBytes)
      throw new RefusedRequestError(
        413,
        'BodyTooLarge',
        `The body may have ${LIMITS.maxBytes} bytes at most.`,
      );
    chunks.push(chunk);
  }
  return parseStrictJson(Buffer.concat(chunks), LIMITS);
};

const read = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new InvalidInputError(plainText(`The request does not fit. ${issues.join('; ')}`, 500));
};
