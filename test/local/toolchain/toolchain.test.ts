import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce } from '../../../local/toolchain/build-once';
import { ensureDebianPrograms } from '../../../local/toolchain/debian-packages';
import { withLock } from '../../../local/toolchain/lock';
import type { CommandResult, Machine } from '../../../local/toolchain/machine';
import { ensureOpenTofu } from '../../../local/toolchain/opentofu';
import { ensurePythonEnvironment } from '../../../local/toolchain/python-environment';
import { explainFailure } from '../../../local/toolchain/run-or-explain';
import { ensureToolchain } from '../../../local/toolchain/toolchain';
import {
  DiskFullError,
  MissingToolError,
  RegistryUnreachableError,
  ToolchainError,
  UnsupportedMachineError,
} from '../../../local/toolchain/toolchain-error';

const progress = {
  step: <T>(_: string, run: (note: () => void) => Promise<T>) => run(() => undefined),
  line: () => {},
};

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'toolchain-test-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const ok = (stdout = ''): CommandResult => ({ code: 0, stdout, tail: stdout });

/** A machine where every program exists, nothing is reachable, and commands do what the test says. */
const machineWith = (more: Partial<Machine> = {}): Machine => ({
  platform: 'linux',
  arch: 'x64',
  isRoot: true,
  cacheDir,
  find: (program) => `/usr/bin/${program}`,
  run: async () => ok(),
  freeBytes: async () => 100 * 1024 ** 3,
  download: async (url) => {
    throw new Error(`${url} cannot be reached`);
  },
  ...more,
});

describe('hosts', () => {
  test('need root, and the message says how', async () => {
    const done = ensureToolchain(progress, { needHosts: true }, machineWith({ isRoot: false }));
    await expect(done).rejects.toThrow(UnsupportedMachineError);
    await expect(done).rejects.toThrow('need root. Run the same command with sudo');
  });

  test('need Linux', async () => {
    const done = ensureToolchain(progress, { needHosts: true }, machineWith({ platform: 'darwin' }));
    await expect(done).rejects.toThrow('need Linux');
  });
});

describe('Debian packages', () => {
  const programs = [
    { program: 'debootstrap', debianPackage: 'debootstrap' },
    { program: 'ssh', debianPackage: 'openssh-client' },
  ];

  test('that are missing are installed by root, after the lists were updated', async () => {
    const ran: string[] = [];
    let installed = false;
    const machine = machineWith({
      find: (program) => (program === 'debootstrap' && !installed ? undefined : `/usr/bin/${program}`),
      run: async (program, args, options) => {
        ran.push(
          `${options?.env?.DEBIAN_FRONTEND} ${program} ${args.filter((arg) => /^[a-z]/.test(arg)).join(' ')}`,
        );
        installed = true;
        return ok();
      },
    });
    await ensureDebianPrograms(machine, progress, programs);
    expect(ran).toEqual([
      'noninteractive /usr/bin/apt-get update',
      'noninteractive /usr/bin/apt-get install debootstrap',
    ]);
  });

  test('are only named, with the exact command, when the user is not root', async () => {
    const find = (program: string) => (program === 'apt-get' ? '/usr/bin/apt-get' : undefined);
    const done = ensureDebianPrograms(machineWith({ isRoot: false, find }), progress, programs);
    await expect(done).rejects.toThrow(MissingToolError);
    await expect(done).rejects.toThrow(
      'sudo apt-get update && sudo apt-get install -y debootstrap openssh-client',
    );
  });

  test('are named where there is no apt', async () => {
    const done = ensureDebianPrograms(machineWith({ find: () => undefined }), progress, programs);
    await expect(done).rejects.toThrow(
      'Install the equivalents of the Debian packages debootstrap, openssh-client.',
    );
  });
});

describe('a build', () => {
  const build = (work: (folder: string) => Promise<void>, more: object = {}) => ({
    folder: join(cacheDir, 'thing'),
    title: 'The thing',
    needsGigabytes: 2,
    build: work,
    ...more,
  });

  test('happens once, for callers at the same time too', async () => {
    let builds = 0;
    const one = () =>
      buildOnce(
        machineWith(),
        progress,
        build(async (folder) => {
          builds += 1;
          await new Promise((done) => setTimeout(done, 20));
          writeFileSync(join(folder, 'file'), 'whole');
        }),
      );
    await Promise.all([one(), one(), one()]);
    await one();
    expect(builds).toBe(1);
    expect(readFileSync(join(cacheDir, 'thing', 'file'), 'utf8')).toBe('whole');
    expect(readdirSync(cacheDir)).toEqual(['thing']);
  });

  test('that fails leaves nothing, and the next one starts afresh', async () => {
    const broken = build(async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new ToolchainError('no');
    });
    await expect(buildOnce(machineWith(), progress, broken)).rejects.toThrow('no');
    expect(readdirSync(cacheDir)).toEqual([]);
    await buildOnce(
      machineWith(),
      progress,
      build(async () => undefined),
    );
    expect(readdirSync(cacheDir)).toEqual(['thing']);
  });

  test('removes what a killed build left beside it or in its place', async () => {
    mkdirSync(join(cacheDir, 'thing.building-1'));
    mkdirSync(join(cacheDir, 'thing'));
    writeFileSync(join(cacheDir, 'thing', 'half'), '');
    await buildOnce(
      machineWith(),
      progress,
      build(async () => undefined, { inPlace: true }),
    );
    expect(readdirSync(cacheDir)).toEqual(['thing']);
    expect(readdirSync(join(cacheDir, 'thing'))).toEqual(['.complete']);
  });

  test('does not begin without room for it', async () => {
    const machine = machineWith({ freeBytes: async () => 1.5 * 1024 ** 3 });
    const done = buildOnce(
      machine,
      progress,
      build(async () => undefined),
    );
    await expect(done).rejects.toThrow(DiskFullError);
    await expect(done).rejects.toThrow('The thing needs 2 GB of free disk space');
  });

  test('that runs out of disk space says so', async () => {
    const full = build(async () => {
      throw Object.assign(new Error('write'), { code: 'ENOSPC' });
    });
    await expect(buildOnce(machineWith(), progress, full)).rejects.toThrow(DiskFullError);
  });
});

describe('a lock', () => {
  test('of a dead process is taken over', async () => {
    const path = join(cacheDir, 'lock');
    writeFileSync(path, '999999999 1');
    expect(await withLock(path, async () => 'done')).toBe('done');
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  test('of an earlier process with the id of a living one is taken over', async () => {
    const path = join(cacheDir, 'lock');
    writeFileSync(path, `${process.pid} 1`);
    expect(await withLock(path, async () => 'done')).toBe('done');
  });

  test('lets one at a time in, and says when it waits', async () => {
    const path = join(cacheDir, 'lock');
    let inside = 0;
    let most = 0;
    let waits = 0;
    const enter = () =>
      withLock(
        path,
        async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((done) => setTimeout(done, 10));
          inside -= 1;
        },
        () => {
          waits += 1;
        },
      );
    await Promise.all([enter(), enter(), enter()]);
    expect([most, waits]).toEqual([1, 2]);
  });

  test('is let go when the work fails', async () => {
    const path = join(cacheDir, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});

describe('OpenTofu', () => {
  test('of the user is taken when its version fits, and asked for it once', async () => {
    const path = join(cacheDir, 'their-tofu');
    writeFileSync(path, '');
    let asked = 0;
    const machine = machineWith({
      find: () => path,
      run: async () => {
        asked += 1;
        return ok('Warning: no configuration\n{"terraform_version":"1.12.9"}');
      },
    });
    expect(await ensureOpenTofu(machine, progress)).toBe(path);
    expect(await ensureOpenTofu(machine, progress)).toBe(path);
    expect(asked).toBe(1);
    writeFileSync(path, 'replaced');
    await ensureOpenTofu(machine, progress);
    expect(asked).toBe(2);
  });

  test('is built from its pinned source when the user’s is too old and no release can be had', async () => {
    const built: string[] = [];
    const machine = machineWith({
      run: async (program, args, options) => {
        if (args[0] === 'version') return ok('{"terraform_version":"1.9.0"}');
        if (program === '/usr/bin/go') {
          built.push(...readdirSync(options?.cwd ?? ''), options?.env?.CGO_ENABLED ?? '');
          writeFileSync(args[args.indexOf('-o') + 1] ?? '', 'binary');
        }
        return ok();
      },
    });
    expect(await ensureOpenTofu(machine, progress)).toBe(join(cacheDir, 'opentofu', '1.12.6', 'tofu'));
    expect(built).toEqual(['go.mod', 'go.sum', '0']);
  });

  test('without release and without Go says what to install', async () => {
    const machine = machineWith({ find: (program) => (program === 'gpg' ? '/usr/bin/gpg' : undefined) });
    const done = ensureOpenTofu(machine, progress);
    await expect(done).rejects.toThrow(MissingToolError);
    await expect(done).rejects.toThrow('Install OpenTofu 1.12');
  });
});

describe('Python', () => {
  test('that is too old or lacks venv is refused with the package to install', async () => {
    const machine = machineWith({ isRoot: false, run: async () => ({ code: 3, stdout: '', tail: '' }) });
    const done = ensurePythonEnvironment(machine, progress, 'requirements.txt', 'Python');
    await expect(done).rejects.toThrow('Python 3.11 or later with its venv module is needed.');
  });

  test('packages are installed with their hashes required', async () => {
    const ran: string[] = [];
    const run: Machine['run'] = async (program, args) => {
      ran.push(`${program.split('/').at(-1)} ${args.join(' ')}`);
      return ok();
    };
    await ensurePythonEnvironment(machineWith({ run }), progress, 'requirements.txt', 'Python');
    expect(ran.at(-1)).toMatch(/^python -m pip install .*--require-hashes -r .*requirements\.txt$/);
    expect(readFileSync(join(__dirname, '../../../local/toolchain/requirements.txt'), 'utf8')).toContain(
      '--hash=sha256:',
    );
  });
});

describe('a failure', () => {
  test.each([
    ['OSError: [Errno 28] No space left on device', DiskFullError],
    ['E: Failed to fetch http://mirror/x  Temporary failure resolving', RegistryUnreachableError],
    ['ERROR: Could not find a version that satisfies the requirement ministack', RegistryUnreachableError],
    ['dial tcp: lookup proxy: no such host', RegistryUnreachableError],
    ['syntax error', ToolchainError],
  ])('that says "%s" is a %p', (tail, type) => {
    const error = explainFailure('Installing', tail);
    expect(error.constructor).toBe(type);
    expect(error.message).toContain(tail);
  });
});
