import { access, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifacts } from '../../../lambdas/runners/artifacts';
import type { ScriptTask } from '../../../lambdas/runners/contract';
import { makeModuleMemory } from '../../../lambdas/runners/module-memory';
import type { RunnerDeps } from '../../../lambdas/runners/runner';
import { makeScriptRun } from '../../../lambdas/runners/script-run';
import { makeTaskLog } from '../../../lambdas/runners/task-log';
import type { ChangeRef, ScriptResult } from '../../../lambdas/shared/contract';
import { sha256Hex } from '../../../lambdas/shared/digest';
import { InvalidInputError, ScriptError } from '../../../lambdas/shared/errors';
import { scriptDocument } from '../../../lambdas/shared/script-document';
import { anApproval } from '../../support/approval-fixtures';
import { aRun, inMemoryChangeStore } from '../../support/change-fixtures';
import { aChange } from '../../support/gate';
import { inMemorySecrets } from '../../support/in-memory-secrets';

/** Processes take their time on a busy machine. */
jest.setTimeout(60_000);

const inMemoryArtifacts = (): Artifacts & { objects: Map<string, string> } => {
  const objects = new Map<string, string>();
  return {
    objects,
    put: async (key, body) => {
      objects.set(key, String(body));
      return { bucket: 'artifacts', key, versionId: 'v1', sha256: sha256Hex(body) };
    },
    putOnce: async (key, body) => !objects.has(key) && Boolean(objects.set(key, body)),
    get: async () => Buffer.from(''),
    find: async (key) => objects.get(key),
    findBytes: async () => undefined,
  };
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'script-test-'));
  // As the system's own folder for temporary files: others may pass through.
  await chmod(root, 0o711);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const shell = 'description: A test.\ninterpreter: shell\n';
const writeScript = async (name: string, manifest: string, files: Record<string, string>): Promise<void> => {
  const folder = join(root, 'content', 'script-steps', name);
  await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries({ 'step.yml': manifest, ...files }))
    await writeFile(join(folder, path), text);
};

const prepare = (env: NodeJS.ProcessEnv = {}) => {
  const artifacts = inMemoryArtifacts();
  const changes = inMemoryChangeStore();
  let decided: ChangeRef | undefined;
  const deps: RunnerDeps = {
    artifacts,
    changes,
    readDecision: async () =>
      decided && anApproval(decided.digest, { expiresAt: '2999-01-01T00:00:00.000Z' }),
    workspaces: { get: async () => undefined },
    secrets: inMemorySecrets(),
    hostAccess: { ensureHosts: async () => [], listHosts: async () => [], allowKey: async () => undefined },
    fetchModule: async () => Promise.reject(new Error('no repository was expected here')),
    keepFinalState: async () => null,
    contentRoot: join(root, 'content'),
    backend: { bucket: 'state', keyArn: 'key', region: 'eu-central-1', pathStyle: true },
    providerMirror: undefined,
    graceMs: 1000,
    env: { PATH: process.env.PATH, ...env },
    now: () => new Date(),
    memory: makeModuleMemory(),
  };
  const log = makeTaskLog();
  const perform = async (task: Partial<ScriptTask>, signal = new AbortController().signal) => {
    const folder = await mkdtemp(join(root, 'task-'));
    const given: ScriptTask = {
      task: 'script-run',
      run: aRun,
      mode: 'check',
      script: 'greet',
      parameters: {},
      change: null,
      ...task,
    };
    return makeScriptRun(deps)(given, { folder, signal, log, mayCarryOn: null });
  };
  const approve = async (checked: ScriptResult): Promise<ChangeRef> => {
    const { script, document, digests } = checked;
    decided = await changes.put({ ...aChange(), script: { name: script, document, digests } });
    return decided;
  };
  const documentOf = (result: ScriptResult) =>
    scriptDocument.parse(JSON.parse(artifacts.objects.get(result.document.key) ?? ''));
  /** Checks, approves and runs. */
  const runApproved = async (task: Partial<ScriptTask> = {}, signal?: AbortSignal) => {
    const change = await approve(await perform(task));
    return perform({ ...task, mode: 'run', change }, signal);
  };
  return { artifacts, log, perform, approve, documentOf, runApproved };
};

test('a script reaches its folder also where its worker lets nobody pass, and nothing of it is left', async () => {
  await chmod(root, 0o700);
  await writeScript('greet', shell, { 'main.sh': 'printf \'"%s"\' "$PWD" >"$RESULT_FILE"\n' });
  const { result } = await prepare().runApproved();
  expect(result).toMatch(/\/script-\w+$/);
  await expect(access(String(result))).rejects.toThrow('ENOENT');
});

test('shows source, parameters and bounds, and runs nothing', async () => {
  await writeScript(
    'greet',
    `${shell}parameters: { name: { type: str }, pin: { type: str, no_log: true } }\n`,
    {
      'main.sh': 'echo hello > ../ran\n',
    },
  );
  const { perform, documentOf } = prepare();
  const result = await perform({ parameters: { name: 'Jo', pin: '4711-0815' } });
  expect(result).toMatchObject({ mode: 'check', exitCode: null, result: null });
  const document = documentOf(result);
  expect(document).toMatchObject({
    run: null,
    limits: { seconds: 300, memoryMib: 256 },
    needsNetwork: false,
  });
  expect(document.files.find(({ path }) => path === 'main.sh')?.text).toContain('echo hello');
  expect(document.parameters).toEqual([
    { name: 'name', value: 'Jo' },
    { name: 'pin', value: '(sensitive)' },
  ]);
  expect(document.interpreter.version).toMatch(/bash/);
});

test('runs the approved script with its parameters as data, and hands its result on', async () => {
  await writeScript('greet', `${shell}parameters: { name: { type: str } }\n`, {
    'main.sh': 'cp "$PARAMETERS_FILE" "$RESULT_FILE"; echo "in $WORKSPACE"; id -u\n',
  });
  const { runApproved, documentOf } = prepare();
  const name = '$(touch /tmp/owned) ; `id` -x "quoted"';
  const result = await runApproved({ parameters: { name } });
  expect(result).toMatchObject({ exitCode: 0, result: { name } });
  const document = documentOf(result);
  expect(document.run?.output).toContain(`in ${aRun.workspace}`);
  expect(document.run?.output).toContain(document.isolation.user ? '65534' : String(process.getuid?.()));
});

test('gives the script neither the worker’s environment nor its processes', async () => {
  await writeScript('greet', shell, {
    'main.sh': 'env; cat /proc/$PPID/environ; cat /proc/[0-9]*/environ\ntrue\n',
  });
  const { runApproved, documentOf } = prepare({
    AWS_SECRET_ACCESS_KEY: 'worker-secret-key',
    TF_VAR_x: 'inherited',
  });
  const { run } = documentOf(await runApproved());
  expect(run?.output).not.toMatch(/worker-secret-key|inherited/);
});

test('runs a script once: a call after one that left no result refuses, a call after its end returns the first result', async () => {
  await writeScript('greet', shell, { 'main.sh': 'echo 1 > "$RESULT_FILE"\n' });
  const { artifacts, perform, approve } = prepare();
  const change = await approve(await perform({}));
  const first = await perform({ mode: 'run', change });
  expect(await perform({ mode: 'run', change })).toEqual(first);
  const key = [...artifacts.objects.keys()].find((one) => /results\/script-[^.]+\.json$/.test(one)) ?? '';
  artifacts.objects.delete(key);
  await expect(perform({ mode: 'run', change })).rejects.toThrow(/begun before .* not run twice/);
});

test.each([
  ['the script', { change: 'source' }],
  ['the script’s parameters', { change: 'parameters' }],
])('refuses when %s changed after the approval', async (_, { change: what }) => {
  await writeScript('greet', `${shell}parameters: { name: { type: str } }\n`, {
    'main.sh': 'touch ../../ran\n',
  });
  const { perform, approve } = prepare();
  const change = await approve(await perform({ parameters: { name: 'Jo' } }));
  if (what === 'source')
    await writeFile(join(root, 'content/script-steps/greet/main.sh'), 'touch ../../ran2\n');
  const parameters = { name: what === 'parameters' ? 'Eve' : 'Jo' };
  await expect(perform({ mode: 'run', parameters, change })).rejects.toThrow(/changed after it was approved/);
  expect((await readdir(root)).filter((name) => name.startsWith('ran'))).toEqual([]);
});

test('refuses a script of the same content by another name, and a run without a change', async () => {
  await writeScript('greet', shell, { 'main.sh': 'true\n' });
  const { perform, approve } = prepare();
  const checked = await perform({});
  const change = await approve(checked);
  await writeScript('other', shell, { 'main.sh': 'true\n' });
  await expect(perform({ mode: 'run', script: 'other', change })).rejects.toThrow(
    /changed after it was approved/,
  );
  await expect(perform({ mode: 'run', change: null })).rejects.toThrow(/needs the approved change/);
});

test('tells how a script failed, without what it must not say', async () => {
  await writeScript('greet', `${shell}parameters: { pin: { type: str, no_log: true } }\n`, {
    'main.sh': 'cat "$PARAMETERS_FILE" >&2; echo broken >&2; exit 3\n',
  });
  const failed = await prepare()
    .runApproved({ parameters: { pin: 'very-secret-4711' } })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ScriptError);
  expect((failed as Error).message).toMatch(/exit code 3: .*broken/);
  expect((failed as Error).message).not.toContain('very-secret');
});

test('ends a script after its time, with everything that it started', async () => {
  await writeScript('greet', `${shell}timeout_seconds: 1\n`, { 'main.sh': 'sleep 987654 & sleep 987654\n' });
  const { runApproved } = prepare();
  await expect(runApproved()).rejects.toThrow(/after its 1 seconds/);
  const commands = await Promise.all(
    (await readdir('/proc'))
      .filter((id) => /^\d+$/.test(id))
      .map((id) =>
        import('node:fs/promises').then((fs) => fs.readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
      ),
  );
  expect(commands.filter((line) => line.includes('987654'))).toEqual([]);
});

test('ends a script when the run is stopped', async () => {
  await writeScript('greet', shell, { 'main.sh': 'trap "exit 1" INT; sleep 987653 & wait\n' });
  const stop = new AbortController();
  setTimeout(() => stop.abort(new ScriptError('stopped')), 300);
  await expect(prepare().runApproved({}, stop.signal)).rejects.toThrow('stopped');
});

test('gives a script no more memory than it asked for', async () => {
  await writeScript('greet', 'description: A test.\ninterpreter: python\nmemory_mib: 128\n', {
    'main.py': 'x = bytearray(512 * 1024 * 1024)\n',
  });
  await expect(prepare().runApproved()).rejects.toThrow(/exit code 1: .*MemoryError/);
});

test.each([
  ['a result that is no JSON', 'echo "{" > "$RESULT_FILE"', /no JSON/],
  ['a result that is too long', 'head -c 9000 /dev/zero > "$RESULT_FILE"', /longer than 8192 bytes/],
])('refuses %s', async (_, line, sentence) => {
  await writeScript('greet', shell, { 'main.sh': `${line}\n` });
  await expect(prepare().runApproved()).rejects.toThrow(sentence);
});

test.each([
  ['an unknown interpreter', 'description: A test.\ninterpreter: perl\n', { 'main.sh': '' }, /interpreter/],
  ['no main file', 'description: A test.\ninterpreter: python\n', { 'main.sh': '' }, /has no main\.py/],
  ['a manifest that is no YAML', '{', { 'main.sh': '' }, /no YAML/],
  ['an unknown key', `${shell}sudo: true\n`, { 'main.sh': '' }, /step\.yml does not fit/],
  [
    'a parameter with a name for a shell',
    `${shell}parameters: { "a;b": {} }\n`,
    { 'main.sh': '' },
    /does not fit/,
  ],
])('refuses a script with %s', async (_, manifest, files, sentence) => {
  await writeScript('greet', manifest, files);
  await expect(prepare().perform({})).rejects.toThrow(sentence);
  await expect(prepare().perform({})).rejects.toBeInstanceOf(InvalidInputError);
});

test('refuses parameters that the script does not declare, and scripts that are not there', async () => {
  await writeScript('greet', shell, { 'main.sh': 'true\n' });
  await expect(prepare().perform({ parameters: { LD_PRELOAD: 'x' } })).rejects.toThrow(
    /no parameter LD_PRELOAD. Known: none/,
  );
  await expect(prepare().perform({ script: 'absent' })).rejects.toThrow(/no script absent/);
});

test('says which interpreter is missing on the worker', async () => {
  await writeScript('greet', 'description: A test.\ninterpreter: powershell\n', { 'main.ps1': '' });
  const outcome = await prepare()
    .perform({})
    .catch((error: unknown) => error);
  const isInstalled = !(outcome instanceof Error);
  if (!isInstalled) expect((outcome as Error).message).toMatch(/pwsh cannot be started on this worker/);
  else expect(outcome).toMatchObject({ mode: 'check' });
});

test('an approved plan alone allows no script', async () => {
  await writeScript('greet', shell, { 'main.sh': 'true\n' });
  const changes = inMemoryChangeStore();
  const ref = await changes.put(aChange());
  const deps = {
    changes,
    readDecision: async () => anApproval(ref.digest, { expiresAt: '2999-01-01T00:00:00.000Z' }),
    workspaces: { get: async () => undefined },
    artifacts: inMemoryArtifacts(),
    contentRoot: join(root, 'content'),
    env: { PATH: process.env.PATH },
    now: () => new Date(),
  } as unknown as RunnerDeps;
  const folder = await mkdtemp(join(root, 'task-'));
  await expect(
    makeScriptRun(deps)(
      { task: 'script-run', run: aRun, mode: 'run', script: 'greet', parameters: {}, change: ref },
      { folder, signal: new AbortController().signal, log: makeTaskLog(), mayCarryOn: null },
    ),
  ).rejects.toThrow(/approved without a script/);
});
