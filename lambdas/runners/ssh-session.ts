import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../shared/contract';
import { AnsibleError } from '../shared/errors';
import { logger } from '../shared/logger';
import type { HostAccess } from './host-access';
import { toolEnvironment } from './tool-environment';
import { runTool } from './tool-process';

const renewEveryMs = 40_000;

/** A key of its own for one task, let in on the task's hosts for as long as the session is open. */
export interface SshSession {
  readonly keyPath: string;
  readonly knownHostsPath: string;
  /** Where connections that are shared between tasks leave their sockets, as seen from the play's own folder. */
  readonly controlFolder: string;
  close(): void;
}

interface SshSessionOptions {
  readonly folder: string;
  readonly workspace: string;
  readonly hosts: readonly Host[];
  readonly hostAccess: HostAccess;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const knownHost = ({ address, port, hostKeys }: Host): string =>
  hostKeys.map((key) => `${port === 22 ? address : `[${address}]:${port}`} ${key}\n`).join('');

export const openSshSession = async (options: SshSessionOptions): Promise<SshSession> => {
  const { folder, workspace, hosts, hostAccess } = options;
  const keyPath = join(folder, 'ssh-key');
  const knownHostsPath = join(folder, 'known-hosts');
  await fs.mkdir(join(folder, 'ssh'), { mode: 0o700 });
  await fs.writeFile(knownHostsPath, hosts.map(knownHost).join(''), { mode: 0o600 });
  const made = await runTool({
    command: 'ssh-keygen',
    args: ['-q', '-t', 'ed25519', '-N', '', '-C', 'orchestrator', '-f', keyPath],
    cwd: folder,
    env: toolEnvironment(options.env, folder),
    signal: options.signal,
    onOutput: () => undefined,
    failure: AnsibleError,
  });
  if (made.code !== 0) throw new AnsibleError('No SSH key could be made for this task on this worker.');
  const publicKey = (await fs.readFile(`${keyPath}.pub`, 'utf8')).trim();
  const letIn = () => Promise.all(hosts.map((host) => hostAccess.allowKey(workspace, host, publicKey)));
  await letIn();
  const timer = setInterval(() => {
    letIn().catch((error: Error) =>
      logger.warn('a host key could not be renewed', { reason: error.message }),
    );
  }, renewEveryMs);

  return {
    keyPath,
    knownHostsPath,
    // A socket's path has at most 107 bytes, however deep the folder lies: ssh starts in `project` beside it.
    controlFolder: '../ssh',
    close: () => clearInterval(timer),
  };
};
