import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeOpenBao, type OpenBao } from '../../lambdas/rotation/openbao/client';
import { findFreePort } from '../../local/emulator/free-port';
import { ensureOpenBao } from '../../local/toolchain/toolchain';
import { makeCertificate } from './test-certificate';

const quiet = {
  step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => undefined),
  line: () => undefined,
};

/**
 * A real OpenBao that keeps everything in memory: unsealed, with KV version 2 at `secret`, version 1 at `old`, AppRole
 * at `approle`.
 */
export interface OpenBaoServer {
  readonly address: string;
  /** The same server with TLS, by the certificate in `certificateFile`. */
  readonly tlsAddress: string;
  readonly certificateFile: string;
  /** With the root token, which may do everything. */
  readonly root: OpenBao;
  readonly rootToken: string;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  /** A token that may do what the policy says, and no more. */
  tokenWith(policy: string, options?: { readonly ttl?: string }): Promise<string>;
  stop(): Promise<void>;
}

const awaitAnswer = async (bao: OpenBao, child: ChildProcess, log: string): Promise<void> => {
  const deadline = Date.now() + 30_000;
  while (!(await bao.call('GET', 'sys/seal-status').catch(() => undefined))) {
    if (Date.now() > deadline || child.exitCode !== null)
      throw new Error(`OpenBao did not come up: ${(await readFile(log, 'utf8')).slice(-2000)}`);
    await sleep(50);
  }
};

export const startOpenBao = async (): Promise<OpenBaoServer> => {
  const program = await ensureOpenBao(quiet);
  const folder = await mkdtemp(join(tmpdir(), 'openbao-'));
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const [config, log] = [join(folder, 'server.hcl'), join(folder, 'log')];
  const { file: certificateFile } = makeCertificate(folder, 'localhost');
  await writeFile(
    config,
    `storage "inmem" {}
listener "tcp" {
  address     = "127.0.0.1:${port}"
  tls_disable = true
}
listener "tcp" {
  address         = "127.0.0.1:${tlsPort}"
  cluster_address = "127.0.0.1:0"
  tls_cert_file   = "${certificateFile}"
  tls_key_file    = "${join(folder, 'key.pem')}"
}
`,
  );
  const output = openSync(log, 'a');
  // It ends with whoever started it, also where that is interrupted.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, 'server', `-config=${config}`], {
    stdio: ['ignore', output, output],
    env: { PATH: process.env.PATH, HOME: folder },
  });
  closeSync(output);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const address = `http://127.0.0.1:${port}`;
    const anybody = makeOpenBao({ address, timeoutMs: 20_000 });
    await awaitAnswer(anybody, child, log);
    const made = await anybody.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    const { keys, root_token: rootToken } = made as { keys: [string]; root_token: string };
    const root = anybody.as(rootToken);
    const unseal = async () => void (await anybody.call('PUT', 'sys/unseal', { key: keys[0] }));
    await unseal();
    await root.call('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    await root.call('POST', 'sys/mounts/old', { type: 'kv', options: { version: '1' } });
    await root.call('POST', 'sys/auth/approle', { type: 'approle' });
    let policies = 0;
    return {
      address,
      tlsAddress: `https://localhost:${tlsPort}`,
      certificateFile,
      root,
      rootToken,
      unseal,
      stop,
      seal: async () => void (await root.call('PUT', 'sys/seal')),
      tokenWith: async (policy, { ttl = '1h' } = {}) => {
        policies += 1;
        const name = `test-${policies}`;
        await root.call('PUT', `sys/policies/acl/${name}`, { policy });
        const answer = await root.call('POST', 'auth/token/create', { policies: [name], ttl });
        return (answer as { auth: { client_token: string } }).auth.client_token;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
