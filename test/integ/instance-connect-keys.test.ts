import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import * as z from 'zod';

const run = promisify(execFile);
const cloudConfig = z.object({
  users: z.array(z.object({ name: z.string() })),
  write_files: z.array(z.object({ path: z.string(), permissions: z.string(), content: z.string() })),
});

/** What the module `vm` tells cloud-init, as cloud-init reads it. */
const userData = () => {
  const module = readFileSync(join(__dirname, '../../terraform/modules/vm/main.tf'), 'utf8');
  const [, text = ''] = /user_data = <<-EOT\n([\s\S]*?)\n {2}EOT/.exec(module) ?? [];
  return cloudConfig.parse(parse(text.replace(/^ {4}/gm, '')));
};
const fileOf = (path: string) => userData().write_files.find((file) => file.path === path);

let metadata: Server;
beforeAll(async () => {
  metadata = createServer((request, response) => {
    if (request.method === 'PUT') return response.end('a-token');
    const isKnown = request.url === '/latest/meta-data/managed-ssh-keys/active-keys/ops/';
    if (request.headers['x-aws-ec2-metadata-token'] !== 'a-token' || !isKnown)
      return response.writeHead(404).end();
    return response.end('#Timestamp=1\n#Instance=i-1\nssh-ed25519 AAAA ops\nc2lnbmF0dXJl\nbW9yZQ==\n');
  });
  await new Promise<void>((listening) => metadata.listen(0, '127.0.0.1', listening));
});
afterAll(() => new Promise((closed) => metadata.close(closed)));

const keysOf = async (user: string): Promise<string> => {
  const { port } = metadata.address() as AddressInfo;
  const script = fileOf('/usr/libexec/instance-connect-keys')?.content ?? '';
  const here = script.replace('http://169.254.169.254', `http://127.0.0.1:${port}`);
  return (await run('sh', ['-c', here, 'instance-connect-keys', user])).stdout;
};

test('sshd is told the keys that the metadata holds for the account, and nothing of what stands beside them', async () => {
  expect(await keysOf('ops')).toBe('ssh-ed25519 AAAA ops\n');
});

test('an account without keys gets none, and sshd no error', async () => {
  expect(await keysOf('admin')).toBe('');
});

test('the script is where sshd looks, and the account is the one that runners sign in as', () => {
  expect(fileOf('/usr/libexec/instance-connect-keys')?.permissions).toBe('0755');
  expect(fileOf('/etc/ssh/sshd_config.d/20-instance-connect.conf')?.content).toContain(
    'AuthorizedKeysCommand /usr/libexec/instance-connect-keys %u\n',
  );
  const runnerEnv = readFileSync(join(__dirname, '../../lambdas/runners/env.ts'), 'utf8');
  for (const { name } of userData().users) expect(runnerEnv).toContain(`.default('${name}')`);
});
