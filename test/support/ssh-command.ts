import { spawn } from 'node:child_process';
import type { Host } from '../../lambdas/shared/contract';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
}

/** Runs a command on a host, by its known key; `input` is what the command reads. */
export const sshCommand = (
  host: Host,
  command: string,
  options: { readonly identity: string; readonly user?: string; readonly input?: string | Buffer },
): Promise<Answer> =>
  new Promise((resolve) => {
    const { identity, user = host.user, input = '' } = options;
    const known = `KnownHostsCommand=/bin/echo ${host.port === 22 ? host.address : `[${host.address}]:${host.port}`} ${host.hostKeys[0]}`;
    const settings = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=yes',
      'UserKnownHostsFile=/dev/null',
    ];
    const child = spawn(
      'ssh',
      [
        '-F',
        '/dev/null',
        '-i',
        identity,
        ...[...settings, known].flatMap((setting) => ['-o', setting]),
        ...['-p', String(host.port), '--', `${user}@${host.address}`, command],
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    // A command that does not read its input may end before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', () => resolve({ code: 1, stdout: '' }));
    child.once('close', (code) => resolve({ code: code ?? 1, stdout: stdout.trim() }));
  });
