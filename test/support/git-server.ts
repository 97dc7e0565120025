import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeCertificate } from './test-certificate';

const host = 'git.example.com';

/**
 * A repository over https as a hosting service serves it, by Git's own backend on the loopback address. Below
 * `/moved/` it sends elsewhere; below `/private/` it wants `reader` and `a-token-of-the-test`.
 */
export const startGitServer = async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'git-server-'));
  const work = join(scratch, 'work');
  const asked: string[] = [];
  mkdirSync(work);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: scratch, GIT_CONFIG_NOSYSTEM: '1' },
    }).trim();
  git('init', '-q', '-b', 'main');
  const { file: certificate, key, cert } = makeCertificate(scratch, host);
  const wanted = `Basic ${Buffer.from('reader:a-token-of-the-test').toString('base64')}`;
  const server = createServer({ key, cert }, (said, answer) => {
    const { pathname, searchParams } = new URL(said.url ?? '/', `https://${host}`);
    asked.push(pathname);
    if (pathname.startsWith('/moved/')) {
      answer.writeHead(302, { location: pathname.replace('/moved/', '/team/') }).end();
      return;
    }
    if (pathname.startsWith('/private/') && said.headers.authorization !== wanted) {
      const echoed = said.headers.authorization ?? 'nothing';
      answer.writeHead(403, { 'content-type': 'text/plain' }).end(`no, not with ${echoed}`);
      return;
    }
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: scratch,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname.replace(/^\/(?:team|private)\/work\.git/, '/work/.git'),
        QUERY_STRING: searchParams.toString(),
        REQUEST_METHOD: said.method,
        CONTENT_TYPE: said.headers['content-type'],
        HTTP_CONTENT_ENCODING: said.headers['content-encoding'],
        GIT_PROTOCOL: String(said.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
      },
    });
    said.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf('\r\n\r\n');
      for (const line of all.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(/: (.*)/);
        if (name === 'Status') answer.statusCode = Number.parseInt(value, 10);
        else if (name) answer.setHeader(name, value);
      }
      answer.end(all.subarray(end + 4));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `https://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    work,
    asked,
    git,
    /** What a worker needs to trust it. */
    env: { PATH: process.env.PATH, SSL_CERT_FILE: certificate },
    put: (path: string, content: string | Buffer): void => {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), content);
    },
    commit: (): string => {
      git('add', '-A');
      git('commit', '-q', '-m', 'x');
      return git('rev-parse', 'HEAD');
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(scratch, { recursive: true });
    },
  };
};
export type GitServer = Awaited<ReturnType<typeof startGitServer>>;
