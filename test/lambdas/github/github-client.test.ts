import { makeGithubClient } from '../../../lambdas/shared/github-client';
import { type FakeGithub, startFakeGithub } from '../../support/fake-github';

let github: FakeGithub;
beforeAll(async () => {
  github = await startFakeGithub();
});
afterAll(() => github.stop());
beforeEach(() => {
  github.asked.length = 0;
  github.failures.length = 0;
});

const commit = 'c'.repeat(40);
const reading = { contents: 'read', pull_requests: 'read' } as const;
const client = (
  permissions: Parameters<typeof makeGithubClient>[0]['permissions'] = reading,
  secret: unknown = github.app,
  now: () => Date = () => new Date(),
) =>
  makeGithubClient({
    apiUrl: github.url,
    readAppSecret: async () => (typeof secret === 'string' ? secret : JSON.stringify(secret)),
    permissions,
    now,
  });
const status = {
  state: 'success',
  context: 'orchestrator: demo/web-01',
  description: 'Nothing to change',
  target_url: 'https://console.example/run',
} as const;

test('reads heads and files with one token, asked for with the key of the app', async () => {
  github.branches.set('release/1', commit);
  github.pulls.set(7, { head: commit, state: 'open', files: ['web/main.tf'] });
  const reader = client();
  expect(await reader.headOfBranch('team/work', 'release/1')).toBe(commit);
  expect(await reader.headOfBranch('team/work', 'gone')).toBeUndefined();
  expect(await reader.headOfPullRequest('team/work', 7)).toBe(commit);
  expect(await reader.filesOfPullRequest('team/work', 7)).toEqual(['web/main.tf']);
  expect(github.asked.filter((one) => one.endsWith('/access_tokens'))).toHaveLength(1);
});

test('asks for another token before the first one ends', async () => {
  let now = new Date();
  const reader = client(reading, github.app, () => now);
  await reader.headOfBranch('team/work', 'gone');
  now = new Date(now.getTime() + 56 * 60_000);
  await expect(reader.headOfBranch('team/work', 'gone')).rejects.toThrow('refused');
  expect(github.asked.filter((one) => one.endsWith('/access_tokens'))).toHaveLength(2);
});

test('lists a pull request of many files page by page, and gives up on one of too many', async () => {
  const many = Array.from({ length: 250 }, (_, index) => `web/${index}.tf`);
  github.pulls.set(8, { head: commit, state: 'open', files: many });
  github.pulls.set(9, { head: commit, state: 'open', files: [...many, ...many] });
  expect(await client().filesOfPullRequest('team/work', 8)).toHaveLength(250);
  expect(await client().filesOfPullRequest('team/work', 9)).toBeUndefined();
});

test('a pull request that was closed has no head', async () => {
  github.pulls.set(10, { head: commit, state: 'closed', files: [] });
  expect(await client().headOfPullRequest('team/work', 10)).toBeUndefined();
});

test('what reads cannot report, and what reports cannot read', async () => {
  github.branches.set('main', commit);
  await expect(client().setStatus('team/work', commit, status)).rejects.toThrow('GitHub refused POST');
  const reporter = client({ statuses: 'write' });
  await reporter.setStatus('team/work', commit, status);
  expect(github.statuses.get(commit)?.at(-1)).toEqual(status);
  await expect(reporter.headOfBranch('team/work', 'main')).rejects.toThrow('GitHub refused GET');
});

test.each([500, 502, 503, 429])('an answer %s may pass', async (code) => {
  const reporter = client({ statuses: 'write' });
  github.failures.push(code);
  await expect(reporter.setStatus('team/work', commit, status)).rejects.toMatchObject({
    name: 'TransientError',
  });
  await reporter.setStatus('team/work', commit, status);
});

test.each<[string, unknown]>([
  ['is not filled in', { placeholder: 'x' }],
  ['is no JSON', 'words'],
  ['has no key', { ...{ appId: '1', installationId: '2' }, privateKey: '-----BEGIN NOTHING-----' }],
])('a secret that %s is told as that, and not shown', async (_, secret) => {
  const failed = client(reading, secret).headOfBranch('team/work', 'main');
  await expect(failed).rejects.toMatchObject({ name: 'GithubRefusedError' });
  await expect(failed).rejects.toThrow('docs/github.md');
});

test('an app that is not the one of the key gets nothing', async () => {
  const foreign = client(reading, { ...github.app, appId: '4712' });
  await expect(foreign.headOfBranch('team/work', 'main')).rejects.toThrow('(401)');
});

test('nobody answers: it may pass', async () => {
  const nobody = makeGithubClient({
    apiUrl: 'http://127.0.0.1:9',
    readAppSecret: async () => JSON.stringify(github.app),
    permissions: reading,
    now: () => new Date(),
  });
  await expect(nobody.headOfBranch('team/work', 'main')).rejects.toMatchObject({ name: 'TransientError' });
});
