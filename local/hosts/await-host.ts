import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostRecord } from './host-record';
import { hostUser } from './host-record';

export interface HostLogin {
  /** The private key that opens the account. */
  readonly identityFile: string;
  readonly knownHostsFile: string;
}

const RETRY_MS = 50;
const BANNER_TIMEOUT_MS = 1000;
const LOGIN_TIMEOUT_MS = 30_000;

/**
 * Waits until a real SSH server answers, a login succeeds and systemd has finished booting.
 *
 * @returns whether that happened before the signal was aborted
 */
export const awaitHost = async (
  record: HostRecord,
  login: HostLogin,
  signal: AbortSignal,
): Promise<boolean> => {
  while (!signal.aborted) {
    if (await speaksSsh(record)) {
      const state = await systemState(record, login, signal);
      // Degraded: a unit failed, as some must where the machine shares its kernel. It has booted nevertheless.
      if (state === 'running' || state === 'degraded') return true;
    }
    await sleep(RETRY_MS);
  }
  return false;
};

const speaksSsh = ({ address, port }: HostRecord): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: BANNER_TIMEOUT_MS });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-2.0-')));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
    socket.once('error', () => end(false));
  });

const systemState = (record: HostRecord, login: HostLogin, signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    const options = {
      IdentityFile: login.identityFile,
      IdentitiesOnly: 'yes',
      BatchMode: 'yes',
      StrictHostKeyChecking: 'yes',
      UserKnownHostsFile: login.knownHostsFile,
      GlobalKnownHostsFile: '/dev/null',
      ConnectTimeout: '5',
      LogLevel: 'ERROR',
      Port: String(record.port),
      User: hostUser,
    };
    const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    execFile(
      'ssh',
      ['-F', '/dev/null', ...args, '--', record.address, 'systemctl is-system-running --wait'],
      { timeout: LOGIN_TIMEOUT_MS, signal },
      (_error, stdout) => resolve(stdout.trim()),
    );
  });
