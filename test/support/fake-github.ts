import { createHmac, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Status {
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly target_url: string;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};
const decoded = (part = ''): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString());

/** What GitHub checks of an app, a token and a status, on the loopback address. */
export const startFakeGithub = async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const app = { appId: '4711', installationId: '42', privateKey };
  const tokens = new Map<string, Record<string, string>>();
  const branches = new Map<string, string>();
  const pulls = new Map<number, { head: string; state: string; files: string[] }>();
  const statuses = new Map<string, Status[]>();
  /** Answers with these instead, one request each. */
  const failures: number[] = [];
  const asked: string[] = [];

  const isApp = (authorization: string): boolean => {
    const [head, claims, signature] = authorization.replace(/^Bearer /, '').split('.');
    const { iat, exp, iss } = decoded(claims) as { iat: number; exp: number; iss: string };
    const now = Date.now() / 1000;
    return (
      decoded(head).alg === 'RS256' &&
      createVerify('RSA-SHA256')
        .update(`${head}.${claims}`)
        .verify(publicKey, signature ?? '', 'base64url') &&
      iss === app.appId &&
      iat <= now &&
      exp > now &&
      exp - now <= 600
    );
  };

  const answer = (request: IncomingMessage, body: string): readonly [number, unknown] => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://github.test');
    const authorization = request.headers.authorization ?? '';
    if (pathname === `/app/installations/${app.installationId}/access_tokens`) {
      if (!isApp(authorization)) return [401, { message: 'A JSON web token could not be decoded' }];
      const token = `ghs_${randomBytes(12).toString('hex')}`;
      tokens.set(token, JSON.parse(body).permissions);
      return [201, { token, expires_at: new Date(Date.now() + 3600_000).toISOString() }];
    }
    const may = tokens.get(authorization.replace(/^Bearer /, ''));
    if (!may) return [401, { message: 'Bad credentials' }];
    const branch = /^\/repos\/[^/]+\/[^/]+\/git\/ref\/heads\/(.+)$/.exec(pathname)?.[1];
    if (branch !== undefined) {
      if (may.contents !== 'read') return [403, {}];
      const sha = branches.get(branch);
      return sha === undefined ? [404, {}] : [200, { ref: `refs/heads/${branch}`, object: { sha } }];
    }
    const [, number, files] = /^\/repos\/[^/]+\/[^/]+\/pulls\/(\d+)(\/files)?$/.exec(pathname) ?? [];
    const pull = pulls.get(Number(number));
    if (number !== undefined) {
      if (may.pull_requests !== 'read') return [403, {}];
      if (!pull) return [404, {}];
      if (files === undefined)
        return [200, { number: Number(number), state: pull.state, head: { sha: pull.head } }];
      const size = Number(searchParams.get('per_page'));
      const from = (Number(searchParams.get('page')) - 1) * size;
      return [200, pull.files.slice(from, from + size).map((filename) => ({ filename }))];
    }
    const commit = /^\/repos\/[^/]+\/[^/]+\/statuses\/([0-9a-f]{40})$/.exec(pathname)?.[1];
    if (commit !== undefined && request.method === 'POST') {
      if (may.statuses !== 'write') return [403, {}];
      const status: Status = JSON.parse(body);
      if (
        !['error', 'failure', 'pending', 'success'].includes(status.state) ||
        status.description.length > 140 ||
        !/^https?:/.test(status.target_url)
      )
        return [422, { message: 'Validation Failed' }];
      statuses.set(commit, [...(statuses.get(commit) ?? []), status]);
      return [201, status];
    }
    return [404, {}];
  };

  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push(`${request.method} ${request.url}`);
      const failure = failures.shift();
      const [status, said] = failure === undefined ? answer(request, body) : [failure, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    app,
    asked,
    branches,
    pulls,
    statuses,
    failures,
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
export type FakeGithub = Awaited<ReturnType<typeof startFakeGithub>>;

export const signedWith = (secret: string, body: string | Buffer): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** A push as GitHub tells it, with some of what nobody here reads. */
export const aPush = (commit: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  ref: 'refs/heads/main',
  before: '0'.repeat(40),
  after: commit,
  created: false,
  deleted: false,
  forced: false,
  compare: 'https://github.com/team/work/compare/a...b',
  repository: { id: 1, full_name: 'team/work', pushed_at: 1_700_000_000, private: true },
  pusher: { name: 'octocat', email: 'octocat@example.com' },
  sender: { login: 'octocat', id: 1 },
  head_commit: { id: commit, message: 'A bigger machine' },
  commits: [{ id: commit, message: 'A bigger machine', added: [], removed: [], modified: ['web/main.tf'] }],
  ...change,
});

export const aPullRequest = (
  commit: string,
  change: Record<string, unknown> = {},
  action = 'opened',
): Record<string, unknown> => ({
  action,
  number: 7,
  repository: { id: 1, full_name: 'team/work' },
  sender: { login: 'octocat', id: 1 },
  pull_request: {
    number: 7,
    title: 'A bigger machine',
    draft: false,
    state: 'open',
    base: { ref: 'main', sha: '1'.repeat(40), repo: { full_name: 'team/work' } },
    head: { ref: 'bigger', sha: commit, repo: { full_name: 'team/work' } },
    ...change,
  },
});
