import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hostUser } from './host-record';
import { writeFileAtomically } from './write-file-atomically';

const execFileAsync = promisify(execFile);

/** Makes an ed25519 key pair without a passphrase and returns its public half, without a comment. */
export const generateKey = async (file: string, comment: string): Promise<string> => {
  await rm(file, { force: true });
  await execFileAsync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
  return publicKeyOf(file);
};

const publicKeyOf = async (file: string): Promise<string> =>
  (await readFile(`${file}.pub`, 'utf8')).trim().split(' ').slice(0, 2).join(' ');

/** The key that lets the person who runs the platform into its hosts; made once. Returns its public half. */
export const ensureOperatorKey = async (file: string): Promise<string> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // The public half is written last: where it is missing, the pair is not complete.
  const complete = await stat(`${file}.pub`).then(
    () => true,
    () => false,
  );
  return complete ? publicKeyOf(file) : generateKey(file, 'process-orchestrator');
};

const EXPIRY = /^expiry-time="(\d{14})Z" /;

/** The moment as sshd reads it, in UTC. */
const stamp = (moment: Date): string => moment.toISOString().replace(/\D/g, '').slice(0, 14);

/**
 * Lets keys into a machine while it runs: the folder is mounted into it. sshd itself refuses a key past its time;
 * what has expired is dropped at the next writing.
 */
export const authorizeKeys = async (
  directory: string,
  operatorKey: string,
  added: { publicKey: string; until: Date } | null,
  now: Date,
): Promise<void> => {
  const folder = join(directory, 'guest/authorized-keys');
  const file = join(folder, hostUser);
  // sshd looks at owner and mode of every folder above.
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const above of [join(directory, 'guest'), folder]) await chmod(above, 0o755);
  const present = await readFile(file, 'utf8').catch(() => '');
  const kept = present.split('\n').filter((line) => {
    const until = EXPIRY.exec(line)?.[1];
    return until !== undefined && until > stamp(now) && (!added || !line.endsWith(` ${added.publicKey}`));
  });
  const line = added ? [`expiry-time="${stamp(added.until)}Z" ${added.publicKey}`] : [];
  await writeFileAtomically(file, `${[operatorKey, ...kept, ...line].join('\n')}\n`, 0o644);
};
