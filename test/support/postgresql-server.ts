import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { newPassword } from '../../lambdas/shared/new-password';
import { ensureDebianPrograms } from '../../local/toolchain/debian-packages';
import { thisMachine } from '../../local/toolchain/machine';
import { makeCertificate } from './test-certificate';

const run = promisify(execFile);
const role = join(__dirname, '../../ansible/roles/postgresql-database');
const player = join(__dirname, 'python/play_postgresql_database.py');
const sockets = '/var/run/postgresql';
const packages = '/usr/lib/postgresql';
const noCluster = '/etc/postgresql-common/createcluster.d/orchestrator.conf';
const quiet = {
  step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => undefined),
  line: () => undefined,
};

/** The programs of the server that the role installs, or of the newest there is; Debian's package where there is none. */
const ensurePrograms = async (): Promise<string> => {
  const found = (): string | undefined =>
    ['15', ...(existsSync(packages) ? readdirSync(packages).sort().reverse() : [])]
      .map((version) => join(packages, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')));
  if (!found()) {
    const machine = thisMachine();
    if (machine.isRoot && !existsSync(noCluster)) {
      mkdirSync(join(noCluster, '..'), { recursive: true });
      writeFileSync(noCluster, 'create_main_cluster = false\n');
    }
    // No program of this name is on the path: the package is asked for because the server was not found.
    await ensureDebianPrograms(machine, quiet, [{ program: 'postgresql', debianPackage: 'postgresql' }]);
  }
  const programs = found();
  if (!programs) throw new Error(`The package postgresql brought no server below ${packages}.`);
  return programs;
};

const asPostgres = (program: string, args: readonly string[]): [string, string[]] => [
  'setpriv',
  // It ends with whoever started it, also where that is interrupted: after a change of user, which would clear that.
  ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig', 'INT', program, ...args],
];

/** A port that nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const settings = (port: number, own: readonly string[]): string =>
  [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${sockets}'`,
    'ssl = on',
    "ssl_cert_file = 'server.pem'",
    "ssl_key_file = 'server.key'",
    "ssl_min_protocol_version = 'TLSv1.2'",
    "password_encryption = 'scram-sha-256'",
    // It need not survive the machine, only a test.
    'fsync = off',
    'shared_buffers = 16MB',
    'max_connections = 40',
    'log_destination = stderr',
    ...own,
    '',
  ].join('\n');

/** Ends once the server takes connections; fails with what it wrote where it ends before. */
const ready = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const said: string[] = [];
    const lines = createInterface({ input: server.stderr as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('ready to accept connections') || line.includes('ready to accept read-only'))
        resolve();
    });
    server.once('exit', (code) =>
      reject(new Error(`PostgreSQL ended with ${code}:\n${said.slice(-10).join('\n')}`)),
    );
  });

export interface Played {
  readonly failed?: boolean;
  readonly msg?: string;
  readonly changed?: boolean;
  readonly steps?: readonly string[];
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

export interface PostgresqlServer {
  readonly port: number;
  /** Where its files are. */
  readonly folder: string;
  /** Plays what the role does in a database; the login in use is `<database>_owner_1` unless given. */
  play(database: string, login: Login, options?: { readonly checkMode?: boolean }): Promise<Played>;
  /** A database as the role makes it, and the value of its secret. */
  makeDatabase(database: string): Promise<string>;
  /** Runs SQL as the server's superuser; what psql prints. */
  administer(sql: string, database?: string): Promise<string>;
  /** Ends it at once, as a crash does, and starts it again. */
  crash(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its files. */
  destroy(): Promise<void>;
}

/** The value of a secret, as the role declares it. */
export const secretValue = (port: number, database: string, { username, password }: Login): string =>
  JSON.stringify({
    engine: 'postgres',
    host: '127.0.0.1',
    port: String(port),
    dbname: database,
    username,
    password,
  });

/** A PostgreSQL of this machine on a port and in a folder of its own, set up as the role sets it up. It needs root. */
export const startPostgresql = async (own: readonly string[] = []): Promise<PostgresqlServer> => {
  const programs = await ensurePrograms();
  const folder = mkdtempSync(join(tmpdir(), 'postgresql-'));
  const data = join(folder, 'data');
  const port = await freePort();
  await run('install', ['-d', '-m', '2775', '-o', 'postgres', '-g', 'postgres', sockets]);
  await run('chown', ['postgres:postgres', folder]);
  const make = ['--pgdata', data, '--encoding=UTF8', '--locale=C.UTF-8', '--auth=peer', '--no-sync'];
  await run(...asPostgres(join(programs, 'initdb'), make), { cwd: '/' });
  const { cert, key } = makeCertificate(folder, 'localhost');
  for (const [name, text] of [
    ['server.pem', cert],
    ['server.key', key],
    ['pg_hba.conf', 'local all postgres peer\nhostssl all all samehost scram-sha-256\n'],
    ['postgresql.conf', settings(port, own)],
  ] as const) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    await run('chown', ['postgres:postgres', join(data, name)]);
  }

  let server: ChildProcess | undefined;
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    const ending = server;
    if (!ending || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  const start = async (): Promise<void> => {
    server = spawn(...asPostgres(join(programs, 'postgres'), ['-D', data]), {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await ready(server);
  };
  await start();

  const administer = async (sql: string, database = 'postgres'): Promise<string> => {
    const args = [
      '-XqAt',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      sockets,
      '-p',
      String(port),
      '-d',
      database,
      '-c',
      sql,
    ];
    return (await run(...asPostgres('psql', args), { cwd: '/' })).stdout.trim();
  };
  const play: PostgresqlServer['play'] = async (database, { username, password }, options) => {
    const owner = `${database}_owner`;
    const given = {
      name: database,
      owner,
      host: '127.0.0.1',
      port,
      username,
      password,
      other: `${owner}_${username.endsWith('1') ? 2 : 1}`,
      rotation: readFileSync(join(role, 'templates/rotation.sql.j2'), 'utf8').replaceAll(
        '{{ postgresql_database_owner }}',
        owner,
      ),
      check_mode: options?.checkMode ?? false,
    };
    const playing = run('python3', ['-B', player], { cwd: '/', timeout: 120_000 });
    playing.child.stdin?.end(JSON.stringify(given));
    return JSON.parse((await playing).stdout) as Played;
  };
  return {
    port,
    folder,
    play,
    makeDatabase: async (database) => {
      const login = { username: `${database}_owner_1`, password: newPassword() };
      const played = await play(database, login);
      if (played.failed) throw new Error(played.msg);
      return secretValue(port, database, login);
    },
    administer,
    crash: async () => {
      await end('SIGQUIT');
      await start();
    },
    stop: () => end('SIGINT'),
    start,
    destroy: async () => {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
