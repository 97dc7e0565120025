import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { readDecisionForm } from '../../lambdas/decide-approval/decision-form';
import { makeAnsibleRun } from '../../lambdas/runners/ansible-run';
import { runnerInput } from '../../lambdas/runners/contract';
import { makeTerraformPlan } from '../../lambdas/runners/terraform-plan';
import { awsToolEnvironment, toolEnvironment } from '../../lambdas/runners/tool-environment';
import { validateModuleVariables } from '../../lambdas/shared/catalogue';
import { checkShape } from '../../lambdas/shared/check-plain-json';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { aRun } from '../support/change-fixtures';
import { makeToollessWorker, outcomeOf } from '../support/toolless-worker';

jest.setTimeout(180_000);
const thousand = { numRuns: 1000 };

let worker: Awaited<ReturnType<typeof makeToollessWorker>>;
beforeAll(async () => {
  worker = await makeToollessWorker([
    {
      name: 'web-01',
      address: '127.9.9.9',
      port: 22,
      user: 'ops',
      hostKeys: ['ssh-ed25519 AAAA'],
      id: 'web-01',
    },
  ]);
  await cp(join(__dirname, '../support/runner-content'), worker.contentRoot, { recursive: true });
});
afterAll(() => worker?.remove());

/** Gives an input to the runner as Step Functions would: through its contract, then to its task. */
const give = (input: unknown) =>
  outcomeOf(
    (async () => {
      checkShape(input);
      const task = runnerInput.parse(input);
      if (task.task === 'terraform-plan')
        return worker.inTask((context) => makeTerraformPlan(worker.deps)(task, context));
      if (task.task === 'ansible-run')
        return worker.inTask((context) => makeAnsibleRun(worker.deps)(task, context));
      throw new Error('not one of these tests');
    })(),
  );
const plan = (given: object = {}) =>
  give({ task: 'terraform-plan', run: aRun, module: 'box', variables: { name: 'web-01' }, ...given });
const aHost = {
  name: 'web-01',
  address: null,
  size: 'small',
  tags: {},
  owner: 'jo',
  expiresAt: null,
  isNew: false,
};
const check = (given: object = {}) =>
  give({
    task: 'ansible-run',
    run: aRun,
    mode: 'check',
    role: 'notes',
    variables: { notes_text: 'hello' },
    hosts: [aHost],
    change: null,
    ...given,
  });

test('good inputs come to a tool: so these tests can fail', async () => {
  expect(await plan()).toMatchObject({ reachedTool: true });
  expect(await check()).toMatchObject({ reachedTool: true });
});

/** Anything put anywhere into a text. */
const spoiled = (text: string, spoil: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat({ max: text.length }), spoil)
    .map(([at, bad]) => `${text.slice(0, at)}${bad}${text.slice(at)}`);

const hidden = fc.constantFrom(
  ...[
    '\0',
    '\n',
    '\r',
    '\t',
    '\u001b[2K',
    '\u007f',
    '\u0085',
    '\u00ad',
    '\u200b',
    '\u200e',
    '\u202e',
    '\u2028',
  ],
  ...['\u2029', '\u2066', '\u2069', '\ufeff', '\ud800', '\udfff', '\ue000', '\u{e0041}', '\ufdd0'],
);
const outsideNames = fc.constantFrom(
  ...[
    ' ',
    '.',
    '..',
    '/',
    '\\',
    '\n',
    '\0',
    ';',
    '|',
    '&',
    '$',
    '`',
    '$(id)',
    '"',
    "'",
    '=',
    ',',
    ':',
    '@',
    '%',
    '{{',
    '~',
  ],
  ...['A', 'Ä', '\u202e', '\u0430', '*', '?', '#', '+', '_', '<', '>', '!'],
);
const optionLike = fc.constantFrom(
  '-x',
  '--help',
  '-destroy',
  '-oProxyCommand=id',
  '-',
  '../../x',
  '/etc',
  './x',
  '',
);
const aName = (good: string) =>
  fc.oneof(spoiled(good, outsideNames), optionLike, fc.constant('a'.repeat(64)));
const aSource = fc
  .tuple(
    fc.constantFrom(
      'git::ext::sh -c ',
      'git::https://',
      'http://169.254.169.254/',
      'file:///',
      's3::',
      '/etc/',
      '../',
    ),
    fc.string({ maxLength: 20 }),
    fc.constantFrom('', '?ref=--upload-pack=id', '//sub', '?archive=zip'),
  )
  .map((parts) => parts.join(''));

test('no module, role, workspace, run or host with a name that could be a path, an option or a command', async () => {
  const cases = fc.oneof(
    fc.oneof(aName('box'), aSource).map((module) => () => plan({ module })),
    aName('notes').map((role) => () => check({ role })),
    fc
      .tuple(aName('demo'), aName('web-01'), fc.integer({ min: 0, max: 2 }))
      .map(([tenant, name, which]) => `${which === 1 ? 'demo' : tenant}/${which === 0 ? 'web-01' : name}`)
      .map((workspace) => () => plan({ run: { ...aRun, workspace } })),
    fc
      .oneof(
        spoiled(
          'run-1',
          outsideNames.filter((bad) => !/^[A-Za-z0-9_-]$/.test(bad)),
        ),
        optionLike,
      )
      .map((runId) => () => plan({ run: { ...aRun, runId } })),
    aName('web-01').map((name) => () => check({ hosts: [{ ...aHost, name }] })),
  );
  await fc.assert(
    fc.asyncProperty(cases, async (attempt) => expect(await attempt()).toMatchObject({ reachedTool: false })),
    { numRuns: 3000 },
  );
});

test('no host at an address that is none', async () => {
  const address = fc.oneof(
    spoiled(
      '10.0.0.1',
      fc.constantFrom(' ', '\n', ' ansible_connection=local', ',', '[', '%', '@', '-oX=', '_', '/', '..'),
    ),
    fc.constantFrom(
      'localhost ansible_connection=local,',
      '-oProxyCommand=id',
      '',
      'a'.repeat(254),
      '${HOST}',
      '{{ x }}',
    ),
  );
  await fc.assert(
    fc.asyncProperty(address, async (bad) =>
      expect(await check({ hosts: [{ ...aHost, address: bad }] })).toMatchObject({ reachedTool: false }),
    ),
    thousand,
  );
});

const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
const hostileValue = fc.oneof(
  spoiled('a text', hidden),
  fc.integer({ min: 4097, max: 6000 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 7, max: 40 }).map(deep),
  fc.constantFrom('__proto__', 'constructor', 'prototype').map((key) => JSON.parse(`{"${key}": {"a": 1}}`)),
  spoiled('ansible_', fc.constant('')).map((key) => ({ [`${key}connection`]: 'local' })),
  spoiled('key', hidden).map((key) => ({ [key]: 1 })),
  fc.constantFrom(129, 500).map((length) => ({ ['k'.repeat(length)]: 1 })),
  fc.integer({ min: 5, max: 8 }).map((count) => Array.from({ length: count }, () => 'x'.repeat(4000))),
);

test('no variable that hides characters, is too large or too deep, or bears a reserved name', async () => {
  const cases = fc.oneof(
    hostileValue.map((value) => () => plan({ variables: { name: value } })),
    hostileValue.map((value) => () => check({ variables: { notes_text: value } })),
  );
  await fc.assert(
    fc.asyncProperty(cases, async (attempt) => expect(await attempt()).toMatchObject({ reachedTool: false })),
    thousand,
  );
});

test("no role variable that is not the role's own, or that means something to Ansible", async () => {
  const name = fc.oneof(
    fc.constantFrom(
      'ansible_connection',
      'ansible_python_interpreter',
      'hostvars',
      'vars',
      'environment',
      'become',
    ),
    aName('notes_text'),
    fc.string({ maxLength: 12 }).filter((text) => !/^notes_[a-z0-9_]*$/.test(text)),
  );
  const value = fc.constantFrom('x', "{{ lookup('pipe', 'id') }}", '@/etc/passwd', 'a=b c=d');
  const steering = fc.constantFrom('__ansible_unsafe', '__ansible_vault', '{{ x }}', '{% if %}', '{# #}');
  const cases = fc.oneof(
    fc
      .tuple(name, value)
      .filter(([given]) => !/^notes_[a-z0-9_]*$/.test(given))
      .map(([given, text]) => ({ [given]: text })),
    fc.tuple(steering, value).map(([key, text]) => ({ notes_text: { inner: [{ [key]: text }] } })),
  );
  await fc.assert(
    fc.asyncProperty(cases, async (variables) =>
      expect(await check({ variables })).toMatchObject({ reachedTool: false }),
    ),
    thousand,
  );
});

test('no value of another type than the catalogue says, and no unknown name', () => {
  const good = { name: 'web-01', owner: 'jo', size: 'small' };
  const notText = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()),
  );
  const cases = fc.oneof(
    fc
      .tuple(fc.constantFrom('name', 'owner', 'size'), notText)
      .map(([key, value]) => ({ ...good, [key]: value })),
    fc.oneof(fc.string(), fc.array(fc.string())).map((tags) => ({ ...good, tags })),
    fc
      .string({ minLength: 1 })
      .filter((key) => !['name', 'owner', 'size', 'tags', 'address', 'time_to_live_hours'].includes(key))
      .map((key) => JSON.parse(`{"name": "web-01", "owner": "jo", ${JSON.stringify(key)}: "x"}`)),
  );
  fc.assert(
    fc.property(cases, (variables) => {
      expect(() => validateModuleVariables('local-host', variables as never)).toThrow(InvalidInputError);
    }),
    thousand,
  );
});

test('no field that the contract does not know, at any place', async () => {
  const key = fc
    .string({ minLength: 1, maxLength: 12 })
    .filter((name) => !['mode', 'targets', 'variables', 'module', 'run', 'task', '__proto__'].includes(name));
  await fc.assert(
    fc.asyncProperty(key, fc.jsonValue(), fc.boolean(), async (name, value, inRun) => {
      const outcome = inRun
        ? await plan({ run: { ...aRun, [`x${name}`]: value } })
        : await plan({ [name]: value });
      expect(outcome).toMatchObject({ reachedTool: false });
    }),
    thousand,
  );
});

test("no variable of the worker's environment that a tool was not to get", () => {
  const allowed = new Set([
    ...[
      'AWS_EC2_METADATA_DISABLED',
      'PATH',
      'SSL_CERT_FILE',
      'SSL_CERT_DIR',
      'HOME',
      'TMPDIR',
      'LANG',
      'LC_ALL',
      'AWS_ACCESS_KEY_ID',
    ],
    ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION', 'AWS_ENDPOINT_URL', 'AWS_CA_BUNDLE'],
    ...[
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'HTTPS_PROXY',
      'NO_PROXY',
    ],
    ...['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'],
  ]);
  const name = fc
    .tuple(
      fc.constantFrom(
        'TF_CLI_ARGS_',
        'TF_VAR_',
        'TF_',
        'ANSIBLE_',
        'LD_',
        'NODE_',
        'PYTHON',
        'BASH_',
        'AWS_',
        'GIT_',
        'OPA_',
        '',
      ),
      fc.string({ maxLength: 12 }),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), (environment) => {
      const home = '/tmp/home';
      expect(
        Object.keys(awsToolEnvironment(environment, home, {})).filter((key) => !allowed.has(key)),
      ).toEqual([]);
      expect(
        Object.keys(toolEnvironment(environment, home)).filter((key) => /^(AWS|TF|ANSIBLE|LD)_/.test(key)),
      ).toEqual([]);
      expect(toolEnvironment(environment, home)).toMatchObject({ HOME: home, TMPDIR: home });
    }),
    thousand,
  );
});

test('no decision from a body with a field twice, unknown, missing or too long, or of another type', () => {
  const needed: Record<string, string> = { csrf: 'c', decision: 'approve', confirmation: 'demo/web-01' };
  const good = { ...needed, key: 'k' };
  const encode = (fields: readonly (readonly [string, string])[]): string =>
    new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
  const entries = Object.entries(good);
  const form = 'application/x-www-form-urlencoded';
  const field = fc.constantFrom(...Object.keys(good));
  const cases: fc.Arbitrary<{ body: string; type: string }> = fc.oneof(
    field.map((name) => ({ body: encode([...entries, [name, 'x']]), type: form })),
    fc
      .constantFrom(...Object.keys(needed))
      .map((name) => ({ body: encode(entries.filter(([known]) => known !== name)), type: form })),
    fc
      .string({ minLength: 1, maxLength: 20 })
      .filter((name) => !Object.hasOwn(good, name) && name !== 'comment')
      .map((name) => ({ body: encode([...entries, [name, 'x']]), type: form })),
    fc
      .string({ maxLength: 10 })
      .filter((word) => word !== 'approve' && word !== 'reject')
      .map((word) => ({ body: encode(Object.entries({ ...good, decision: word })), type: form })),
    fc.integer({ min: 1001, max: 20_000 }).map((length) => ({
      body: encode([...entries, ['comment', 'x'.repeat(length)]]),
      type: form,
    })),
    fc
      .constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', '', `x${form}`)
      .map((type) => ({ body: encode(entries), type })),
    fc
      .string({ maxLength: 40 })
      .filter((body) => !body.includes('decision'))
      .map((body) => ({ body, type: form })),
  );
  fc.assert(
    fc.property(cases, ({ body, type }) => {
      const answer = readDecisionForm({
        method: 'POST',
        pathId: 'run-1-aaaaaaaa',
        query: {},
        headers: { 'content-type': type },
        body: Buffer.from(body),
      });
      expect('refused' in answer).toBe(true);
    }),
    thousand,
  );
});
