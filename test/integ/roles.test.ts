import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { auditedRule } from '../../lambdas/shared/compliance-document';
import { ensureToolchain } from '../../local/toolchain/toolchain';
import { bootDisposableHost, type DisposableHost } from '../../scripts/modules/disposable-host';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const quiet = {
  step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => {}),
  line: () => {},
};

let pythonBinDir: string;
let host: DisposableHost;

beforeAll(async () => {
  const toolchain = await ensureToolchain(quiet, { needHosts: true });
  pythonBinDir = toolchain.pythonBinDir;
  host = await bootDisposableHost(toolchain.baseImageDir);
}, 900_000);

afterAll(() => host?.destroy(), 60_000);

interface Played {
  readonly stats: { changed: number; failures: number };
  readonly facts: Record<string, unknown>;
}

const play = async (role: string, variables: object = {}, args: string[] = []): Promise<Played> => {
  const { folder, address, port, identityFile, knownHostsFile } = host;
  const ssh = [
    '-F none -o ControlMaster=auto -o ControlPersist=30s -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes',
    `-o UserKnownHostsFile=${knownHostsFile}`,
  ].join(' ');
  await writeFile(join(folder, 'variables.json'), JSON.stringify(variables));
  await writeFile(
    join(folder, 'inventory.json'),
    JSON.stringify({
      all: {
        hosts: {
          'web-1': {
            ansible_host: address,
            ansible_port: port,
            ansible_user: 'ops',
            ansible_ssh_private_key_file: identityFile,
            ansible_python_interpreter: '/usr/bin/python3',
          },
        },
      },
    }),
  );
  await writeFile(
    join(folder, 'play.json'),
    JSON.stringify([{ hosts: 'all', become: true, gather_facts: false, roles: [role] }]),
  );
  const output = await run(
    join(pythonBinDir, 'ansible-playbook'),
    [
      '-i',
      join(folder, 'inventory.json'),
      '-e',
      `@${join(folder, 'variables.json')}`,
      '-v',
      ...args,
      join(folder, 'play.json'),
    ],
    {
      maxBuffer: 16 * 1024 * 1024,
      env: {
        PATH: `${pythonBinDir}:${process.env.PATH}`,
        HOME: folder,
        LC_ALL: 'C.UTF-8',
        ANSIBLE_HOME: join(folder, 'ansible'),
        ANSIBLE_ROLES_PATH: join(root, 'ansible', 'roles'),
        ANSIBLE_PIPELINING: 'True',
        ANSIBLE_NOCOLOR: 'True',
        ANSIBLE_SSH_ARGS: ssh,
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'cp'),
      },
    },
  ).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}`.slice(-4000));
  });
  const recap = /changed=(\d+)\s+unreachable=0\s+failed=(\d+)/.exec(output.stdout);
  const facts = /compliance_audit_report\] \*+\n\w+: \[web-1\] => (\{.*\})$/m.exec(output.stdout);
  return {
    stats: { changed: Number(recap?.[1] ?? Number.NaN), failures: Number(recap?.[2] ?? Number.NaN) },
    facts: facts?.[1] ? JSON.parse(facts[1]).ansible_facts : {},
  };
};

const get = async (path: string): Promise<Response> => fetch(`http://${host.address}${path}`);

test('check mode on a bare host tells changes and makes none', async () => {
  expect((await play('web-service', {}, ['--check', '--diff'])).stats).toMatchObject({ failures: 0 });
  expect((await play('baseline', {}, ['--check'])).stats.changed).toBeGreaterThan(0);
}, 120_000);

test('the service answers from outside with its release, and a second run changes nothing', async () => {
  expect((await play('web-service', { web_service_greeting: 'Hello' })).stats.changed).toBeGreaterThan(0);
  expect(await (await get('/healthz')).json()).toEqual({
    service: 'web-service',
    status: 'ok',
    version: '1.0.0',
  });
  expect(await (await get('/')).text()).toBe('Hello\n');
  expect((await get('/../etc/passwd')).status).toBe(404);

  const again = { web_service_greeting: 'Hello' };
  expect((await play('web-service', again)).stats).toEqual({ changed: 0, failures: 0 });
  expect((await play('web-service', again, ['--check', '--diff'])).stats).toEqual({
    changed: 0,
    failures: 0,
  });
}, 180_000);

test('another release is announced by check mode, then runs', async () => {
  const next = { web_service_version: '1.1.0' };
  expect((await play('web-service', next, ['--check'])).stats.changed).toBeGreaterThan(0);
  expect(await (await get('/healthz')).json()).toMatchObject({ version: '1.0.0' });
  await play('web-service', next);
  expect(await (await get('/healthz')).json()).toMatchObject({ version: '1.1.0' });
}, 120_000);

test('the audit passes every rule that applies and changes nothing', async () => {
  const { stats, facts } = await play('compliance-audit');
  expect(stats).toEqual({ changed: 0, failures: 0 });
  const found = auditedRule.array().parse(facts.compliance_audit_report);
  expect(found.length).toBeGreaterThanOrEqual(40);
  expect(found.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(found.filter(({ status }) => status === 'not-applicable').map(({ id }) => id)).toEqual([
    'kernel-settings',
    'audit-rules',
    'network-redirects',
  ]);
}, 60_000);

test('an account that would lock the operator out is refused before anything changes', async () => {
  await expect(play('baseline', { baseline_accounts: [{ name: 'ops' }] })).rejects.toThrow(
    'The account ops cannot be managed',
  );
}, 60_000);
