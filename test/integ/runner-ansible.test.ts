import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedHost, PlayResult } from '../../lambdas/shared/contract';
import { playDocument } from '../../lambdas/shared/play-document';
import { aTraceparent, instantHosts, makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';
import { type SshHost, startSshHost } from '../support/ssh-host';

jest.setTimeout(120_000);

const template = '{{ lookup("pipe", "id") }}';
const password = 'correct-horse-battery';
const variables = { notes_text: template, notes_password: password };
const planned: PlannedHost & { isNew: boolean } = {
  name: 'web-01',
  address: null,
  size: 'small',
  tags: {},
  owner: 'platform-team',
  expiresAt: null,
  isNew: false,
};

let platform: RunnerPlatform;
let server: SshHost;
beforeAll(async () => {
  platform = await startRunnerPlatform({ needHosts: true });
  server = await startSshHost(platform.toolchain.baseImageDir, 'web-01');
}, 600_000);
afterAll(async () => {
  await server?.stop();
  await platform?.stop();
});

const check = (runId: string, given: Record<string, unknown> = {}) => ({
  task: 'ansible-run' as const,
  run: { runId, workspace: 'demo/notes', traceparent: aTraceparent },
  mode: 'check' as const,
  role: 'notes',
  variables,
  hosts: [planned],
  change: null,
  ...given,
});

test('lists the tasks for a host that does not exist yet, and connects to nothing', async () => {
  const harness = makeHarness(platform, {
    hostAccess: { ...instantHosts(), listHosts: () => Promise.reject(new Error('was asked')) },
  });
  const result = (await harness.doTask(check('new', { hosts: [{ ...planned, isNew: true }] }))) as PlayResult;
  const document = playDocument.parse(JSON.parse((await harness.text(result.document.key)) ?? ''));
  expect(document.hosts[0]?.tasks.map(({ name, status }) => `${status}: ${name}`)).toEqual([
    'planned: Write the notes',
    'planned: Keep the password',
    'planned: Tell',
  ]);
  expect(document.variables).toEqual([
    { name: 'notes_text', value: template },
    { name: 'notes_password', value: '(sensitive)' },
  ]);
  expect(result).toMatchObject({ mode: 'check', changed: 3, ok: 0 });
});

test('checks, refuses what was not approved, configures, and finds nothing to do afterwards', async () => {
  const harness = makeHarness(platform, { hostAccess: server.access });
  const checked = (await harness.doTask(check('play'))) as PlayResult;
  expect(checked.changed).toBeGreaterThanOrEqual(2);
  const document = (await harness.text(checked.document.key)) ?? '';
  expect(playDocument.parse(JSON.parse(document)).hosts[0]?.tasks[1]).toMatchObject({
    name: 'Write the notes',
    action: 'ansible.builtin.copy',
    status: 'changed',
    detail: expect.stringContaining(`+${template}`),
  });
  await expect(server.read('etc/notes.txt')).rejects.toThrow('ENOENT');

  const plan = await harness.plan('play', 'demo/notes', 'box', { name: 'web-01' });
  const change = await harness.bind('play', 'demo/notes', plan, checked);
  const run = (given: Record<string, unknown> = {}) =>
    harness.doTask(check('play', { mode: 'run', change, ...given }));
  await expect(run()).rejects.toMatchObject({ name: 'NotApprovedError' });
  await expect(run({ change: null })).rejects.toMatchObject({ name: 'InvalidInputError' });
  await harness.decide(change, 'approved');
  for (const altered of [
    { variables: { ...variables, notes_text: 'another' } },
    { hosts: [{ ...planned, name: 'web-02' }] },
    { hosts: [] },
  ])
    await expect(run(altered)).rejects.toMatchObject({ name: 'ChangeMismatchError' });

  const played = (await run()) as PlayResult;
  expect(played).toMatchObject({ mode: 'run', digests: checked.digests });
  expect(await server.read('etc/notes.txt')).toBe(`${template}\n`);
  expect(await server.read('etc/notes.password')).toBe(`${password}\n`);
  const logs = await Promise.all(
    ['check', 'run'].map((mode) => harness.text(`runs/play/logs/ansible-run-${mode}.log`)),
  );
  for (const text of [document, await harness.text(played.document.key), ...logs]) {
    expect(text).toContain('Write the notes');
    expect(text).not.toContain(password);
  }
  expect(await harness.doTask(check('again'))).toMatchObject({ changed: 0 });
});

test('names host, task and message of a failure, without the secret in it', async () => {
  const harness = makeHarness(platform, { hostAccess: server.access });
  const failure = harness.doTask(check('failing', { variables: { ...variables, notes_fail: true } }));
  await expect(failure).rejects.toMatchObject({
    name: 'AnsibleError',
    message: expect.stringContaining('"Fail when asked to" failed on web-01: stopped because of (sensitive)'),
  });
});

test('does not talk to a host with another key', async () => {
  const impostor = {
    ...server.host,
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPQxIYxDWh8i1g1OTC2dYfPvUvjlSTDvwOsMYDNHjrZz'],
  };
  const harness = makeHarness(platform, {
    hostAccess: { ...server.access, listHosts: async () => [impostor] },
  });
  await expect(harness.doTask(check('impostor'))).rejects.toMatchObject({
    name: 'AnsibleError',
    message: expect.stringMatching(/web-01 cannot be reached.*host key/i),
  });
});

test.each([
  [{ ansible_connection: 'local' }],
  [{ ansible_python_interpreter: '/bin/evil' }],
  [{ notes_text: { __ansible_vault: 'x' } }],
  [{ notes_text: { '{{ x }}': 'x' } }],
  [{ 'notes_text=x': '@/etc/passwd' }],
])('refuses the variables %j', async (given) => {
  await expect(makeHarness(platform).doTask(check('hostile', { variables: given }))).rejects.toMatchObject({
    name: 'InvalidInputError',
  });
});

/** Command lines of all processes that name a folder. */
const processesIn = async (folder: string): Promise<string[]> => {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
};
const taskFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => /^runner-[A-Za-z0-9]{6}$/.test(name));

test('a stop ends the play and every process of it', async () => {
  const harness = makeHarness(platform, { hostAccess: server.access });
  const before = await taskFolders();
  const stop = new AbortController();
  const outcome = harness.doTask(check('halted'), stop.signal).catch((error: unknown) => error);
  let folder = '';
  const isPlaying = async (): Promise<boolean> => {
    folder = (await taskFolders()).find((name) => !before.includes(name)) ?? '';
    return folder !== '' && (await processesIn(folder)).some((line) => line.includes('ansible-playbook'));
  };
  while (!(await isPlaying())) await sleep(100);
  stop.abort();
  expect(await outcome).toMatchObject({
    name: 'RunStoppedError',
    message: expect.stringMatching(
      /^The worker was told to stop; ansible-run was interrupted.*orchestrator resume halted/,
    ),
  });
  expect(await processesIn(folder)).toEqual([]);
  expect(await taskFolders()).not.toContain(folder);
});
