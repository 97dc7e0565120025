import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type HostRecord, hostUser } from './host-record';
import { generateKey } from './ssh-keys';
import { writeFileAtomically } from './write-file-atomically';

const execFileAsync = promisify(execFile);

/** The account that people and Ansible use, where the base image does not bring it. */
const USER_ID = 1000;

/** Where the machine sees the folder `guest`, which we can write while it runs, and it cannot. */
export const GUEST_FOLDER = '/etc/orchestrator';

/** Units that only cost time here: nobody sits at the console, and auditing belongs to the kernel's owner. */
const MASKED_UNITS = ['console-getty.service', 'getty@.service', 'ssh.socket'];

interface FileOptions {
  readonly mode?: number;
  readonly owner?: number;
}

const readIfPresent = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** Lays down everything that makes a machine out of the base image, as the upper layer over it. */
export const writeMachineFiles = async (
  directory: string,
  base: string,
  record: HostRecord,
): Promise<{ hostKeys: string[] }> => {
  const upper = join(directory, 'upper');
  const put = async (path: string, content: string, { mode = 0o644, owner = 0 }: FileOptions = {}) => {
    const file = join(upper, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, content);
    await chmod(file, mode);
    await chown(file, owner, owner);
  };

  const keyFile = join(upper, 'etc/ssh/ssh_host_ed25519_key');
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o755 });
  const publicKey = await generateKey(keyFile, record.planned.name);

  await put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`, { mode: 0o444 });
  await put('etc/hostname', `${record.planned.name}\n`);
  await writePlaceFiles(directory, record);
  await putAccount(base, put);
  await mkdir(join(upper, `home/${hostUser}`), { mode: 0o750, recursive: true });
  await chown(join(upper, `home/${hostUser}`), USER_ID, USER_ID);
  await put(`etc/sudoers.d/${hostUser}`, `${hostUser} ALL=(ALL:ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
  // Without the capability it fails at every boot; with it, it would take the audit of the whole machine over.
  await put(
    'etc/systemd/system/auditd.service.d/10-orchestrator.conf',
    '[Unit]\nConditionCapability=CAP_AUDIT_CONTROL\n',
  );
  for (const unit of MASKED_UNITS) await symlink('/dev/null', join(upper, 'etc/systemd/system', unit));
  await mkdir(join(upper, GUEST_FOLDER), { recursive: true, mode: 0o755 });
  await putPackageSettings(upper, put);
  return { hostKeys: [publicKey] };
};

/** The files that name the machine's place; written again when that changes, while it is down. */
export const writePlaceFiles = async (directory: string, record: HostRecord): Promise<void> => {
  const upper = join(directory, 'upper');
  const sshd = [
    `ListenAddress ${record.address}`,
    `Port ${record.port}`,
    'HostKey /etc/ssh/ssh_host_ed25519_key',
    'PermitRootLogin no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UseDNS no',
    `AuthorizedKeysFile ${GUEST_FOLDER}/authorized-keys/%u .ssh/authorized_keys`,
  ];
  await writeFileAtomically(
    join(upper, 'etc/ssh/sshd_config.d/10-orchestrator.conf'),
    `${sshd.join('\n')}\n`,
    0o644,
  );
  await writeFileAtomically(
    join(upper, 'etc/hosts'),
    `127.0.0.1 localhost\n::1 localhost\n${record.address} ${record.planned.name}\n`,
    0o644,
  );
};

/** What a machine can read about itself, as `host.json` in {@link GUEST_FOLDER}. */
export const writeMetadata = async (
  directory: string,
  record: HostRecord,
  enforced: { memory: boolean; cpu: boolean },
): Promise<void> => {
  const { name, size, tags, owner, expiresAt } = record.planned;
  const metadata = {
    name,
    workspace: `${record.tenant}/${record.workspace}`,
    machine: record.machine,
    address: record.address,
    size,
    sizeEnforced: enforced,
    tags,
    owner,
    expiresAt,
  };
  await mkdir(join(directory, 'guest'), { recursive: true, mode: 0o755 });
  await chmod(join(directory, 'guest'), 0o755);
  await writeFileAtomically(
    join(directory, 'guest/host.json'),
    `${JSON.stringify(metadata, null, 2)}\n`,
    0o644,
  );
};

type Put = (path: string, content: string, options?: FileOptions) => Promise<void>;

const putAccount = async (base: string, put: Put): Promise<void> => {
  const lines = {
    'etc/passwd': `${hostUser}:x:${USER_ID}:${USER_ID}:Operator:/home/${hostUser}:/bin/bash`,
    'etc/group': `${hostUser}:x:${USER_ID}:`,
    // `*` and not `!`: sshd takes an account whose password is locked for one that may not log in.
    'etc/shadow': `${hostUser}:*:19700:0:99999:7:::`,
    'etc/gshadow': `${hostUser}:!::`,
  };
  for (const [path, line] of Object.entries(lines)) {
    const present = await readIfPresent(join(base, path));
    if (present.split('\n').some((other) => other.startsWith(`${hostUser}:`))) continue;
    await put(path, `${present.trimEnd()}\n${line}\n`, { mode: path.includes('shadow') ? 0o640 : 0o644 });
  }
};

/** How this machine's own apt reaches its sources. */
const fetchSettings = async (): Promise<string> => {
  const { stdout } = await execFileAsync('apt-config', ['dump']).catch(() => ({ stdout: '' }));
  const lines = stdout
    .split('\n')
    .filter((line) => /^Acquire::(?:https?::(?:[^:\s]+::)?Proxy|Check-\S+|Retries)\b/i.test(line));
  return lines.map((line) => `${line}\n`).join('');
};

/**
 * Packages come the way this machine gets its own: over the same proxy, trusting the same authorities. The sources
 * themselves are in the base image.
 */
const putPackageSettings = async (upper: string, put: Put): Promise<void> => {
  const settings = await fetchSettings();
  if (settings !== '') await put('etc/apt/apt.conf.d/10orchestrator', settings);
  const authorities = '/usr/local/share/ca-certificates';
  await cp(authorities, join(upper, authorities), { recursive: true }).catch(() => undefined);
  const bundle = '/etc/ssl/certs/ca-certificates.crt';
  const trusted = await readIfPresent(bundle);
  if (trusted !== '') await put(bundle, trusted);
};
