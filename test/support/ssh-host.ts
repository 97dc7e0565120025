import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostAccess } from '../../lambdas/runners/host-access';
import type { Host } from '../../lambdas/shared/contract';
import { findFreePort } from '../../local/emulator/free-port';

/** A Debian root with an SSH server in namespaces of its own: when the process ends, its mounts are gone too. */
export interface SshHost {
  readonly host: Host;
  /** Lets given keys in, and knows this one host. */
  readonly access: HostAccess;
  /** The text of a file on the host. */
  read(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** `$1` base image, `$2` folder, `$3` port. */
const script = `set -eu
mount -t tmpfs tmpfs "$2/layer"
mkdir "$2/layer/upper" "$2/layer/work"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/layer/upper,workdir=$2/layer/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount --rbind /dev "$2/root/dev"
mkdir -p "$2/root/run/sshd"
chroot "$2/root" id -u ops >/dev/null 2>&1 || chroot "$2/root" useradd --create-home --shell /bin/bash ops
chroot "$2/root" usermod --password '*' ops
echo 'ops ALL=(ALL) NOPASSWD: ALL' > "$2/root/etc/sudoers.d/test-ops"
mkdir -p "$2/root/keys"
mount --bind "$2/keys" "$2/root/keys"
cp "$2/keys/host-key" "$2/root/host-key"
chmod 600 "$2/root/host-key"
exec chroot "$2/root" /usr/sbin/sshd -D -e -f /dev/null -p "$3" -o ListenAddress=127.0.0.1 -o UsePAM=no \\
  -o HostKey=/host-key -o AuthorizedKeysFile=/keys/authorized -o StrictModes=no -o PasswordAuthentication=no
`;

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((done) => {
    child.once('exit', () => done());
  });

export const startSshHost = async (baseImageDir: string, name: string): Promise<SshHost> => {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-host-'));
  for (const part of ['layer', 'root', 'keys']) await mkdir(join(folder, part));
  const port = await findFreePort();
  await ended(
    spawn('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'keys', 'host-key')], {
      stdio: 'ignore',
    }),
  );
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      script,
      'sh',
      baseImageDir,
      folder,
      String(port),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const deadline = Date.now() + 15_000;
  while (!(await answers(port))) {
    if (Date.now() > deadline || child.exitCode !== null)
      throw new Error(`The SSH host did not come up: ${said}`);
    await sleep(50);
  }
  const hostKey = (await readFile(join(folder, 'keys', 'host-key.pub'), 'utf8'))
    .split(' ')
    .slice(0, 2)
    .join(' ');
  const host: Host = { name, address: '127.0.0.1', port, user: 'ops', hostKeys: [hostKey], id: name };
  return {
    host,
    access: {
      ensureHosts: async () => [host],
      listHosts: async () => [host],
      allowKey: async (_workspace, _host, publicKey) => {
        await appendFile(join(folder, 'keys', 'authorized'), `${publicKey}\n`);
      },
    },
    // The layer is seen through the process: it is mounted in the process's own namespace.
    read: async (path) => {
      const { pid } = child;
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      return readFile(join('/proc', children.trim(), 'root', path), 'utf8');
    },
    stop: async () => {
      if (child.exitCode === null) {
        const gone = ended(child);
        child.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};
