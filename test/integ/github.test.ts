import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { makeBeginRun } from '../../lambdas/begin-run/begin-run';
import { fromTheBeginning } from '../../lambdas/begin-run/resume-run';
import { makeEndRun } from '../../lambdas/end-run/end-run';
import { githubMapping } from '../../lambdas/receive-github/contract';
import { makeReceiveGithub } from '../../lambdas/receive-github/receive-github';
import { makeReportCommitStatus } from '../../lambdas/report-commit-status/report-commit-status';
import { makeFetchModule } from '../../lambdas/runners/git-module';
import type { PlanResult } from '../../lambdas/shared/contract';
import { makeGithubClient } from '../../lambdas/shared/github-client';
import { type GithubStore, makeGithubStore } from '../../lambdas/shared/github-store';
import { inMemoryChangeStore } from '../support/change-fixtures';
import { aPullRequest, type FakeGithub, signedWith, startFakeGithub } from '../support/fake-github';
import { type GitServer, startGitServer } from '../support/git-server';
import { aLease } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';
import { makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';

jest.setTimeout(120_000);

const table = 'github';
const now = () => new Date();
let platform: RunnerPlatform;
let git: GitServer;
let github: FakeGithub;
let store: GithubStore;

beforeAll(async () => {
  [platform, git, github] = await Promise.all([
    startRunnerPlatform({ needHosts: false }),
    startGitServer(),
    startFakeGithub(),
  ]);
  await platform.documents.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: ['id', 'open', 'askedAt'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'open-reports',
          KeySchema: [
            { AttributeName: 'open', KeyType: 'HASH' },
            { AttributeName: 'askedAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  store = makeGithubStore({ client: platform.documents, table, now });
}, 600_000);
afterAll(async () => {
  await Promise.all([platform?.stop(), git?.stop(), github?.stop()]);
});

test('a signed pull request is planned by OpenTofu at its commit, under the lock of another, and its status says what would change', async () => {
  const workspace = 'demo/previewed';
  git.put('web/main.tf', 'resource "terraform_data" "this" {\n  input = "two"\n}\n');
  const commit = git.commit();
  github.pulls.set(7, { head: commit, state: 'open', files: ['web/main.tf'] });
  const runs = inMemoryRunStore();
  const workspaces = inMemoryWorkspaceStore();
  const ledger = recordingLedger();
  const changes = inMemoryChangeStore();
  const lock = `${workspace}/terraform.tfstate.tflock`;
  runs.leases.set(workspace, aLease(workspace, 'another-run'));
  const bucket = platform.env.STATE_BUCKET ?? '';
  await platform.s3.send(new PutObjectCommand({ Bucket: bucket, Key: lock, Body: '{"ID":"of-another"}' }));

  const reporter = makeReportCommitStatus({
    store,
    runs,
    github: client({ statuses: 'write' }),
    runUrl: (arn) => `https://console.example/${arn}`,
    approvalUrl: (id) => `https://pages.example/${id}`,
    now,
  });
  const harness = makeHarness(platform, {
    fetchModule: makeFetchModule({
      sources: [{ repository: `${git.url}/team/` }],
      resolveHost: async () => '127.0.0.1',
      readCredentials: () => Promise.reject(new Error('none were expected')),
      env: { ...platform.env, ...git.env },
    }),
  });
  const begin = makeBeginRun({
    runs,
    leases: runs.leaseStore,
    freezes: { find: async () => undefined },
    findReentry: async () => fromTheBeginning,
    ledger,
    workspaces,
    onFargate: [],
    waiting: ['vm-provisioning'],
    mostTimeToLiveHours: 720,
    digests: { module: () => undefined, role: () => undefined, script: () => undefined },
    validateModuleVariables: (_, variables) => variables,
    validateRoleVariables: (_, variables) => variables,
    validateScriptParameters: (_, parameters) => parameters,
    now,
  });
  const end = makeEndRun({
    findApplyResult: async () => undefined,
    runs,
    leases: runs.leaseStore,
    changes,
    workspaces,
    ledger,
    wakeCallback: async () => undefined,
    now,
  });

  /** What `workflows/plan-preview.asl.json` does, step by step; its states have tests of their own. */
  const started: string[] = [];
  const preview = async (workflow: string, runId: string, input: Record<string, unknown>): Promise<void> => {
    started.push(`${workflow} ${runId}`);
    const executionArn = `arn:execution:${runId}`;
    const moved = (status: 'RUNNING' | 'SUCCEEDED') =>
      reporter({ detail: { executionArn, name: runId, status } });
    await moved('RUNNING');
    const execution = { arn: executionArn, name: runId, startedAt: now().toISOString() };
    const { run, module, source, variables, pins } = await begin({ workflow, execution, input });
    const { counts, empty, plan } = (await harness.doTask({
      task: 'terraform-plan',
      run,
      module: module ?? '',
      source,
      pin: pins.module,
      variables,
      mode: 'apply',
      targets: [],
      preview: true,
    })) as PlanResult;
    await end({
      runId,
      executionArn,
      outcome: empty ? 'unchanged' : 'previewed',
      summary: {
        add: counts.create,
        change: counts.update,
        destroy: counts.delete,
        playbookChanged: 0,
        digest: plan.sha256,
      },
      decision: null,
      compliance: null,
      error: null,
    });
    await moved('SUCCEEDED');
  };

  const secret = 'a-secret-that-only-github-knows';
  const receive = makeReceiveGithub({
    secrets: async () => ({ current: secret }),
    mappings: [
      githubMapping.parse({
        repository: 'team/work',
        branch: 'main',
        path: 'web',
        workspace,
        input: { module: 'pushed-web' },
      }),
    ],
    webUrl: git.url,
    github: client({ contents: 'read', pull_requests: 'read' }),
    store,
    start: preview,
    now,
  });
  const body = Buffer.from(JSON.stringify(aPullRequest(commit)));
  const deliver = () =>
    receive({
      method: 'POST',
      pathId: '',
      query: {},
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'pull_request',
        'x-hub-signature-256': signedWith(secret, body),
      },
      body,
    });

  const first = await deliver();
  expect(first.status).toBe(202);
  expect(github.statuses.get(commit)).toMatchObject([
    { state: 'pending', context: `orchestrator preview: ${workspace}`, description: 'Planning' },
    { state: 'success', description: '1 to create, 0 to change, 0 to destroy' },
  ]);
  expect(await store.listOpen()).toEqual([]);

  // Nothing of the workspace is another than before: its lock, its lease, its state, its newest plan.
  const { Body } = await platform.s3.send(new GetObjectCommand({ Bucket: bucket, Key: lock }));
  expect(await Body?.transformToString()).toBe('{"ID":"of-another"}');
  const { Contents } = await platform.s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: workspace }),
  );
  expect((Contents ?? []).map(({ Key }) => Key)).toEqual([lock]);
  expect(await harness.artifacts.find(`plans/${workspace}/latest.json`)).toBeUndefined();
  expect(runs.leases.get(workspace)?.runId).toBe('another-run');
  expect(workspaces.workspaces.get(workspace)).toBeUndefined();

  const again = await deliver();
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect(started).toHaveLength(1);
});

const client = (permissions: Parameters<typeof makeGithubClient>[0]['permissions']) =>
  makeGithubClient({
    apiUrl: github.url,
    readAppSecret: async () => JSON.stringify(github.app),
    permissions,
    now,
  });

test('what is to be told moves forward only, is kept once, and is found until its end was told', async () => {
  const runId = `gh-${'7'.repeat(40)}`;
  const report = { state: 'pending', description: 'x', targetUrl: 'https://console.example/x' } as const;
  const run = { runId, repository: 'team/work', commit: 'c'.repeat(40), context: 'x' };
  await store.ask({ ...run, askedAt: '2026-01-01T00:00:00Z' });
  await store.ask({ ...run, askedAt: '2026-02-02T00:00:00Z' });
  expect(await store.find(runId)).toMatchObject({ askedAt: '2026-01-01T00:00:00Z', rank: 0, told: 0 });
  expect(await store.advance(runId, 'waiting', report)).toBe(true);
  expect(await store.advance(runId, 'started', report)).toBe(false);
  expect(await store.setTold(runId, 1)).toBe(false);
  expect(await store.setTold(runId, 2)).toBe(true);
  expect(await store.listOpen()).toEqual([runId]);
  expect(await store.advance(runId, 'ended', { ...report, state: 'success' })).toBe(true);
  expect(await store.setTold(runId, 4)).toBe(true);
  expect(await store.listOpen()).toEqual([]);
  expect(await store.advance('gh-unknown', 'ended', report)).toBe(false);
  expect([await store.keepAnswer('d', 'first'), await store.keepAnswer('d', 'second')]).toEqual([
    'first',
    'first',
  ]);
});
