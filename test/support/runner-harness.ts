import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { makeArtifacts } from '../../lambdas/runners/artifacts';
import type { ApplyResult, RunnerInput } from '../../lambdas/runners/contract';
import { makeKeepFinalState } from '../../lambdas/runners/final-state';
import type { FetchModule } from '../../lambdas/runners/git-module';
import type { HostAccess } from '../../lambdas/runners/host-access';
import type { IssueCredentials } from '../../lambdas/runners/lent-credentials';
import { makeModuleMemory } from '../../lambdas/runners/module-memory';
import { makeRunTask } from '../../lambdas/runners/run-task';
import { makeRunWatch } from '../../lambdas/runners/run-watch';
import type { Change } from '../../lambdas/shared/change';
import { makeChangeStore } from '../../lambdas/shared/change-store';
import type { ChangeRef, Host, PlanMode, PlanResult, PlayResult } from '../../lambdas/shared/contract';
import { makeReadDecision } from '../../lambdas/shared/decided-approval';
import { digestOf } from '../../lambdas/shared/digest';
import { makeWorkspaceStore } from '../../lambdas/shared/workspace-store';
import { aVote, demandsUnder } from './approval-fixtures';
import { inMemorySecrets } from './in-memory-secrets';
import type { RunnerPlatform } from './runner-platform';

const hoursFromNow = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

export const aTraceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** Hosts that answer at once, on addresses that nobody connects to. */
export const instantHosts = (): HostAccess & { asked: string[][] } => {
  const asked: string[][] = [];
  return {
    asked,
    ensureHosts: async (_workspace, hosts) => {
      asked.push(hosts.map(({ name }) => name));
      return hosts.map(
        ({ name }): Host => ({
          name,
          address: '127.9.9.9',
          port: 22,
          user: 'ops',
          hostKeys: ['ssh-ed25519 AAAA'],
          id: name,
        }),
      );
    },
    listHosts: async () => [],
    allowKey: async () => undefined,
  };
};

/** Lends the emulator's own key to whoever asks. */
const generousBroker: IssueCredentials = async () => ({
  accessKeyId: 'test-access-key-id',
  secretAccessKey: 'test-secret-key-that-is-lent',
  sessionToken: 'test-session-token',
  expiration: new Date(Date.now() + 3_600_000).toISOString(),
});

const noRepositories: FetchModule = async () => {
  throw new Error('no repository was expected here');
};

/** A runner on the real tools and the emulator; only the hosts are given. */
export const makeHarness = (
  platform: RunnerPlatform,
  options: {
    hostAccess?: HostAccess;
    contentRoot?: string;
    issueCredentials?: IssueCredentials;
    fetchModule?: FetchModule;
  } = {},
) => {
  const { env, s3, documents } = platform;
  const bucket = env.ARTIFACTS_BUCKET ?? '';
  const artifacts = makeArtifacts({ s3, bucket });
  const backend = {
    bucket: env.STATE_BUCKET ?? '',
    keyArn: env.STATE_KEY_ARN ?? '',
    region: 'us-east-1',
    pathStyle: true,
  };
  const changes = makeChangeStore({ s3, bucket });
  const runTask = makeRunTask({
    artifacts,
    changes,
    readDecision: makeReadDecision({ client: documents, approvalsTable: 'approvals' }),
    workspaces: makeWorkspaceStore({ client: documents, workspacesTable: 'workspaces' }),
    secrets: inMemorySecrets(),
    hostAccess: options.hostAccess ?? instantHosts(),
    fetchModule: options.fetchModule ?? noRepositories,
    contentRoot: options.contentRoot ?? env.CONTENT_ROOT ?? '',
    backend,
    keepFinalState: makeKeepFinalState({ backend, endpoint: env.AWS_ENDPOINT_URL }),
    providerMirror: undefined,
    graceMs: 20_000,
    env,
    issueCredentials: options.issueCredentials ?? generousBroker,
    now: () => new Date(),
    memory: makeModuleMemory(),
    watch: makeRunWatch({ client: documents, runsTable: 'runs' }),
    watchEveryMs: 200,
    accepts: ['terraform-plan', 'terraform-apply', 'ansible-run', 'compliance-scan', 'script-run'],
  });
  const run = (runId: string, workspace: string) => ({ runId, workspace, traceparent: aTraceparent });
  const doTask = (input: RunnerInput, stop?: AbortSignal) =>
    runTask(input, { timeMs: 120_000, ...(stop ? { stop } : {}) });
  return {
    artifacts,
    doTask,
    runTask,
    plan: async (
      runId: string,
      workspace: string,
      module: string,
      variables = {},
      mode: PlanMode = 'apply',
    ) =>
      (await doTask({
        task: 'terraform-plan',
        run: run(runId, workspace),
        module,
        variables,
        mode,
        targets: [],
      })) as PlanResult,
    apply: async (runId: string, workspace: string, change: ChangeRef, stop?: AbortSignal) =>
      (await doTask({ task: 'terraform-apply', run: run(runId, workspace), change }, stop)) as ApplyResult,
    /** Binds a plan, and the playbook after it, into a change. */
    bind: async (
      runId: string,
      workspace: string,
      plan: PlanResult,
      playbook: PlayResult | null = null,
    ): Promise<ChangeRef> => {
      const { plan: ref, hosts: _, ...planned } = plan;
      const change: Change = {
        version: 1,
        id: `${runId}-${digestOf(ref).slice(0, 8)}`,
        runId,
        workflow: 'vm-provisioning',
        workspace,
        reason: 'a test',
        requestedBy: null,
        createdAt: hoursFromNow(-1),
        expiresAt: hoursFromNow(1),
        plan: { ref, ...planned },
        playbook: playbook && {
          role: playbook.role,
          document: playbook.document,
          changed: playbook.changed,
          digests: playbook.digests,
          content: playbook.content,
        },
        script: null,
      };
      return changes.put(change);
    },
    decide: async (change: ChangeRef, status: string, decidedAt = hoursFromNow(0)) => {
      await documents.send(
        new PutCommand({
          TableName: 'approvals',
          Item: {
            approvalId: change.id,
            status,
            change,
            expiresAt: hoursFromNow(1),
            decidedAt,
            demands: demandsUnder(),
            starter: { id: null, verified: false },
            votes: [aVote({ person: 'jo' })],
            taskToken: 'never-to-be-read',
          },
        }),
      );
    },
    text: (key: string) => artifacts.find(key),
  };
};
