import fc from 'fast-check';
import { type GithubMapping, githubMapping } from '../../../lambdas/receive-github/contract';
import { makeReceiveGithub } from '../../../lambdas/receive-github/receive-github';
import { TransientError } from '../../../lambdas/shared/errors';
import type { HttpRequest } from '../../../lambdas/shared/http';
import { aPullRequest, aPush, signedWith } from '../../support/fake-github';
import { inMemoryGithubStore } from '../../support/in-memory-github-store';

const secret = 'a-secret-that-only-github-knows';
const head = 'c'.repeat(40);
const mapping = (change: object = {}): GithubMapping =>
  githubMapping.parse({
    repository: 'team/work',
    branch: 'main',
    path: 'web',
    workspace: 'demo/web-01',
    input: { module: 'web', variables: { size: 'small' }, role: 'web-service' },
    ...change,
  });

const prepare = (
  mappings = [mapping()],
  secrets: { current: string; previous?: string } = { current: secret },
) => {
  const store = inMemoryGithubStore();
  const started: { workflow: string; runId: string; input: Record<string, unknown> }[] = [];
  const github = { branch: head as string | undefined, pull: head as string | undefined };
  const files: { list: readonly string[] | undefined } = { list: ['web/main.tf'] };
  const failing: Error[] = [];
  const receive = makeReceiveGithub({
    secrets: async () => secrets,
    mappings,
    webUrl: 'https://github.com',
    github: {
      headOfBranch: async () => {
        const failure = failing.shift();
        if (failure) throw failure;
        return github.branch;
      },
      headOfPullRequest: async () => github.pull,
      filesOfPullRequest: async () => files.list,
    },
    store,
    start: async (workflow, runId, input) => {
      if (!started.some((one) => one.runId === runId)) started.push({ workflow, runId, input });
    },
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  const send = async (
    event: string,
    body: string | Buffer,
    change: Record<string, string | undefined> = {},
  ) => {
    const request: HttpRequest = {
      method: 'POST',
      pathId: '',
      query: {},
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'x-hub-signature-256': signedWith(secret, body),
        ...change,
      },
      body: Buffer.from(body),
    };
    const { status, body: said } = await receive(request);
    return { status, said: JSON.parse(said) };
  };
  const deliver = (event: string, payload: object) => send(event, JSON.stringify(payload));
  return { store, started, github, files, failing, send, deliver };
};

describe('a push', () => {
  test('to the mapped branch and folder starts the mapped workflow with the module at that commit', async () => {
    const { deliver, started, store } = prepare();
    const { status, said } = await deliver('push', aPush(head));
    expect(status).toBe(202);
    expect(said.runs).toMatchObject([{ workspace: 'demo/web-01', run: started[0]?.runId }]);
    expect(started).toMatchObject([
      {
        workflow: 'vm-provisioning',
        input: {
          workspace: 'demo/web-01',
          module: 'web',
          variables: { size: 'small' },
          role: 'web-service',
          source: { git: 'https://github.com/team/work.git', commit: head, path: 'web' },
          whenBusy: 'wait',
          requestedBy: 'octocat',
          reason: 'Push of cccccccccccc to team/work, main',
        },
      },
    ]);
    expect(store.runs.get(started[0]?.runId ?? '')).toMatchObject({
      repository: 'team/work',
      commit: head,
      context: 'orchestrator: demo/web-01',
      open: '1',
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['to a tag', { ref: 'refs/tags/v1' }, 'tag'],
    ['that deletes the branch', { deleted: true, after: '0'.repeat(40), head_commit: null }, 'deleted'],
    ['to another branch', { ref: 'refs/heads/other' }, 'no workspace is mapped'],
    ['to another repository', { repository: { full_name: 'team/other' } }, 'no workspace is mapped'],
    ['to a branch that no mapping can name', { ref: 'refs/heads/a..b' }, 'none that can be mapped'],
    ['that asks to be skipped', { head_commit: { message: 'Typo [skip ci]' } }, 'skip'],
  ])('%s starts nothing and says why', async (_, change, because) => {
    const { deliver, started } = prepare();
    const { status, said } = await deliver('push', aPush(head, change));
    expect(status).toBe(200);
    expect(said).toMatchObject({ runs: [], because: expect.stringContaining(because) });
    expect(started).toEqual([]);
  });

  test('that touches other folders only starts nothing', async () => {
    const { deliver, started } = prepare();
    const commits = [{ added: ['webserver/x.tf'], removed: ['README.md'], modified: [] }];
    const { status, said } = await deliver('push', aPush(head, { commits }));
    expect(status).toBe(200);
    expect(said.runs).toEqual([
      { workspace: 'demo/web-01', run: null, because: 'nothing below web changed' },
    ]);
    expect(started).toEqual([]);
  });

  test('that was forced may have changed anything', async () => {
    const { deliver, started } = prepare();
    await deliver('push', aPush(head, { forced: true, commits: [] }));
    expect(started).toHaveLength(1);
  });

  test('of which the branch has moved on starts nothing', async () => {
    const { deliver, started, github } = prepare();
    github.branch = 'd'.repeat(40);
    expect((await deliver('push', aPush(head))).said.because).toBe('main has moved on since this push');
    expect(started).toEqual([]);
  });

  test('starts one run for each workspace that it touches', async () => {
    const { deliver, started } = prepare([
      mapping(),
      mapping({ path: 'db', workspace: 'demo/db-01' }),
      mapping({ path: '', workspace: 'demo/all-01' }),
    ]);
    await deliver('push', aPush(head));
    expect(started.map(({ input }) => input.workspace)).toEqual(['demo/web-01', 'demo/all-01']);
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(2);
  });
});

describe('a pull request', () => {
  test('is previewed at its head, with what a preview takes', async () => {
    const { deliver, started, store } = prepare();
    expect((await deliver('pull_request', aPullRequest(head))).status).toBe(202);
    expect(started).toMatchObject([
      {
        workflow: 'plan-preview',
        input: { module: 'web', variables: { size: 'small' }, source: { commit: head, path: 'web' } },
      },
    ]);
    expect(started[0]?.input).not.toHaveProperty('role');
    expect(started[0]?.input).not.toHaveProperty('whenBusy');
    expect([...store.runs.values()]).toMatchObject([{ context: 'orchestrator preview: demo/web-01' }]);
  });

  const fork = { head: { sha: head, repo: { full_name: 'stranger/work' } } };
  test.each<[string, Record<string, unknown>, string, string]>([
    ['from a fork', fork, 'opened', 'fork'],
    ['of which the fork is gone', { head: { sha: head, repo: null } }, 'opened', 'fork'],
    ['that is a draft', { draft: true }, 'opened', 'draft'],
    ['that was closed', {}, 'closed', 'changes nothing'],
    ['that was closed meanwhile', { state: 'closed' }, 'synchronize', 'closed'],
    ['that was given a label', {}, 'labeled', 'changes nothing'],
    [
      'into another branch',
      { base: { ref: 'next', repo: { full_name: 'team/work' } } },
      'opened',
      'no workspace',
    ],
    ['that asks to be skipped', { title: '[skip plan] words' }, 'opened', 'skip'],
  ])('%s starts nothing and says why', async (_, change, action, because) => {
    const { deliver, started } = prepare();
    const { status, said } = await deliver('pull_request', aPullRequest(head, change, action));
    expect(status).toBe(200);
    expect(said.because).toContain(because);
    expect(started).toEqual([]);
  });

  test('from a fork is previewed where the mapping says so, from the repository itself', async () => {
    const { deliver, started } = prepare([mapping({ previewForks: true })]);
    await deliver('pull_request', aPullRequest(head, fork));
    expect(started[0]?.input.source).toMatchObject({ git: 'https://github.com/team/work.git', commit: head });
  });

  test('that changes other folders, or has moved on, starts nothing', async () => {
    const { deliver, started, files, github } = prepare();
    files.list = ['db/main.tf'];
    expect((await deliver('pull_request', aPullRequest(head))).said.runs[0]).toMatchObject({ run: null });
    github.pull = 'd'.repeat(40);
    const late = await deliver('pull_request', aPullRequest(head, {}, 'synchronize'));
    expect(late.said.because).toContain('has moved on');
    expect(started).toEqual([]);
  });
});

describe('a delivery', () => {
  test('that comes again gets the first answer and starts nothing, whatever its id and its branch are by then', async () => {
    const { deliver, send, started, github } = prepare();
    const first = await deliver('push', aPush(head));
    github.branch = 'd'.repeat(40);
    const again = await send('push', JSON.stringify(aPush(head)), { 'x-github-delivery': 'another' });
    expect(again).toEqual({ status: 200, said: first.said });
    expect(started).toHaveLength(1);
  });

  test('under the name of another event keeps nothing from the one that was sent', async () => {
    const { deliver, started } = prepare();
    expect((await deliver('ping', aPush(head))).status).toBe(200);
    expect((await deliver('push', aPush(head))).status).toBe(202);
    expect(started).toHaveLength(1);
  });

  test('that failed halfway is taken when it comes again, and starts its run once', async () => {
    const { deliver, started, failing } = prepare();
    failing.push(new TransientError('GitHub did not answer.'));
    expect(await deliver('push', aPush(head))).toMatchObject({
      status: 503,
      said: { error: 'TransientError' },
    });
    expect((await deliver('push', aPush(head))).status).toBe(202);
    expect(started).toHaveLength(1);
  });

  test('shows nothing of an error that nobody foresaw', async () => {
    const { deliver, failing } = prepare();
    failing.push(new Error('secret-of-somebody'));
    const { status, said } = await deliver('push', aPush(head));
    expect(status).toBe(503);
    expect(JSON.stringify(said)).not.toContain('secret-of-somebody');
  });

  test('is taken with the secret before while they are exchanged, and not with one before that', async () => {
    const { send } = prepare([mapping()], { current: 'the-new-secret-of-the-webhook', previous: secret });
    const body = JSON.stringify({ zen: 'Keep it logically awesome.' });
    expect((await send('ping', body)).status).toBe(200);
    const old = signedWith('the-secret-of-the-year-before', body);
    expect((await send('ping', body, { 'x-hub-signature-256': old })).status).toBe(401);
  });

  test('of another kind is answered, and starts nothing', async () => {
    const { deliver, started } = prepare();
    expect((await deliver('ping', { zen: 'x' })).said.because).toBe('the webhook is set up');
    expect((await deliver('workflow_run', { action: 'completed' })).status).toBe(200);
    expect(started).toEqual([]);
  });

  test('is refused by its type and its size before anything is looked at', async () => {
    const { send } = prepare();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send('push', 'payload=%7B%7D', form)).status).toBe(415);
    expect((await send('push', 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });
});

const body = JSON.stringify(aPush(head));
const at = (text: string, index: number): string => {
  const changed = Buffer.from(text);
  changed[index % changed.length] = (changed[index % changed.length] ?? 0) ^ 1;
  return changed.toString('latin1');
};

test('nothing is started by 1,000 deliveries whose bytes, signature or secret are others', async () => {
  const { send, started } = prepare();
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
  const signature = fc.oneof(
    fc.constant(undefined),
    fc.constant(''),
    fc.string(),
    hex,
    hex.map((one) => `sha256=${one}`),
    hex.map((one) => `sha1=${one.slice(0, 40)}`),
    fc.nat().map((index) => at(signedWith(secret, body), 7 + (index % 64))),
    fc.nat({ max: 70 }).map((length) => signedWith(secret, body).slice(0, length)),
    fc.constant(signedWith(secret, body).toUpperCase()),
    fc.constant(`${signedWith(secret, body)}, ${signedWith(secret, body)}`),
    fc.string({ minLength: 1 }).map((other) => signedWith(other, body)),
    fc.string({ minLength: 1 }).map((more) => signedWith(secret, body + more)),
  );
  await fc.assert(
    fc.asyncProperty(signature, async (given) => {
      const { status } = await send('push', body, { 'x-hub-signature-256': given });
      expect(status).toBe(401);
    }),
    { numRuns: 1000 },
  );
  expect(started).toEqual([]);
});

test('1,000 signed deliveries that are not what GitHub sends are refused or start nothing', async () => {
  const { send, started, store } = prepare();
  const hostile = fc.constantFrom<unknown>(
    '__proto__',
    '../../etc/passwd',
    '-x',
    'refs/heads/main\u0000',
    '$(id)',
    '\u202emain',
    'a'.repeat(5000),
    null,
    -1,
    1e308,
    true,
    [],
    {},
    [[[[]]]],
  );
  const spoiled = (whole: Record<string, unknown>, paths: readonly string[][]) =>
    fc.tuple(fc.constantFrom(...paths), hostile).map(([path, value]) => {
      const copy = structuredClone(whole);
      let target: Record<string, unknown> = copy;
      for (const step of path.slice(0, -1)) target = target[step] as Record<string, unknown>;
      target[path.at(-1) ?? ''] = value;
      return JSON.stringify(copy);
    });
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const given = fc.oneof(
    fc.tuple(
      fc.constant('push'),
      spoiled(aPush('e'.repeat(40)), [['ref'], ['after'], ['repository', 'full_name'], ['sender', 'login']]),
    ),
    fc.tuple(
      fc.constant('pull_request'),
      spoiled(aPullRequest('e'.repeat(40)), [
        ['action'],
        ['repository', 'full_name'],
        ['pull_request', 'number'],
        ['pull_request', 'head', 'sha'],
        ['pull_request', 'head', 'repo'],
        ['pull_request', 'base', 'ref'],
      ]),
    ),
    fc.tuple(
      fc.constant('push'),
      fc.nat({ max: body.length - 2 }).map((length) => body.slice(0, length)),
    ),
    fc.tuple(fc.constant('push'), fc.json()),
    fc.tuple(fc.constant('push'), fc.integer({ min: 33, max: 5000 }).map(deep)),
    fc.tuple(fc.constant('push'), fc.constant(body.replace('{', '{"__proto__":{"deleted":false},'))),
    // A delivery of one kind under the name of another: the name is not signed.
    fc.tuple(fc.constant('pull_request'), fc.constant(body)),
    fc.tuple(fc.constant('push'), fc.constant(JSON.stringify(aPullRequest(head)))),
    fc.tuple(fc.constantFrom('constructor', '__proto__', 'installation', ''), fc.constant(body)),
  );
  await fc.assert(
    fc.asyncProperty(given, async ([event, text]) => {
      const { status, said } = await send(event, text);
      expect([200, 400]).toContain(status);
      if (status === 400) expect(said).toMatchObject({ error: 'InvalidInputError' });
    }),
    { numRuns: 1000 },
  );
  expect(started).toEqual([]);
  expect(store.runs.size).toBe(0);
});
