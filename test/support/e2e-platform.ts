import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { type DeployedOutputs, readOutputs } from '../../cli/deployed-outputs';
import type { RunReport } from '../../cli/run-report';
import { type StartedRun, startRun } from '../../cli/start-run';
import { watchRun } from '../../cli/watch-run';
import { exampleInput } from '../../cli/workflow-definitions';
import type { JsonValue } from '../../lambdas/shared/ledger-event';
import { type RunRecord, runRecord } from '../../lambdas/shared/run-record';
import { approvalIdOf, readApprovalLinks } from '../../local/approval-links';
import { decideOverHttp } from '../../local/approve-client';
import { type Mail, mail } from '../../local/inbox/mail';
import { platformClients } from '../../local/platform-clients';
import { type PlatformFile, readPlatformFile } from '../../local/supervisor/platform-file';
import { readWorkspaceHosts } from '../../local/workspace-hosts';

export const repository = resolve(__dirname, '../..');
/** Deep enough to show what breaks where paths are long. */
export const stateDir = join(repository, '.local-e2e', 'state-of-the-end-to-end-tests');

type Json = Readonly<Record<string, JsonValue>>;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm start -- …` as a process of its own. */
export const spawnCommand = (args: readonly string[], folder = stateDir) =>
  spawn(process.execPath, ['--import', 'tsx', 'local/start.ts', ...args], {
    cwd: repository,
    env: { ...process.env, ORCHESTRATOR_STATE_DIR: folder, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });

/** Runs it to its end; an input is handed over on standard input. */
export const runCommand = async (
  args: readonly string[],
  options: { input?: Json; folder?: string } = {},
): Promise<CommandResult> => {
  const child = spawnCommand(options.input ? [...args, '--input', '-'] : args, options.folder);
  child.stdin.end(options.input ? JSON.stringify(options.input) : '');
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, ...said };
};

/** The one line that `--json` prints. */
export const reportIn = ({ stdout }: CommandResult): RunReport => {
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
};

/** Asks until there is an answer. */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  seconds = 60,
): Promise<T> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} seconds in vain for ${what}.`);
    await sleep(100);
  }
};

/** The example's input for another workspace; its host has the workspace's name. */
export const inputFor = (workspace: string, given: Json = {}, variables: Json = {}): Json => {
  const example = exampleInput('vm-provisioning');
  const own = { ...(example.variables as Json), name: workspace.split('/')[1] ?? '', ...variables };
  return { ...example, workspace, variables: own, reason: 'An end-to-end test', ...given };
};

const connect = async (file: PlatformFile) => {
  const clients = platformClients(file.gatewayUrl);
  const settings = {
    endpoint: file.gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const outputs = await readOutputs(clients.cloudFormation, 'local');
  if (!outputs) throw new Error('The app is not deployed.');
  const { TableNames = [] } = await new DynamoDBClient(settings).send(new ListTablesCommand({}));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const named = (names: readonly (string | undefined)[], part: string): string =>
    names.find((name) => name?.toLowerCase().includes(part)) ?? '';
  return {
    file,
    ...clients,
    s3,
    outputs,
    approvalsTable: named(TableNames, 'approvals'),
    peopleTable: named(TableNames, 'people'),
    leasesTable: named(TableNames, 'leases'),
    workspacesTable: named(TableNames, 'workspaces'),
    auditBucket: named(
      Buckets.map(({ Name }) => Name),
      'audit',
    ),
  };
};
export type Connected = Awaited<ReturnType<typeof connect>> & { outputs: DeployedOutputs };

/** The platform that is up now, and how the tests look into it. */
export const platformNow = async (): Promise<Connected> => {
  const file = await readPlatformFile(stateDir);
  if (!file) throw new Error('The platform is not up.');
  return connect(file);
};

/** What a test does with a run, beside the commands. */
export const runsOn = (platform: Connected) => {
  const { stepFunctions, dynamoDb, outputs, s3, file } = platform;
  const item = async (table: string, key: Record<string, string>) =>
    (await dynamoDb.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
  const record = async (runId: string): Promise<RunRecord | undefined> => {
    const found = await item(outputs.runsTable, { runId });
    return found && runRecord.parse(found);
  };
  const startOf = (workflow: string, input: Json, key?: string): Promise<StartedRun> =>
    startRun(stepFunctions, {
      workflow,
      stateMachineArn: outputs.stateMachines[workflow] ?? '',
      input,
      ...(key === undefined ? {} : { key }),
    });
  const mails = async (): Promise<readonly Mail[]> =>
    mail.array().parse(await (await fetch(new URL('/messages.json', file.inboxUrl))).json());
  /** The links of all approvers to a run's approvals, in the order in which people were asked. */
  const linksOf = async (runId: string, nth: number): Promise<readonly string[]> => {
    const links = await readApprovalLinks(file.inboxUrl, runId);
    const approvalId = [...new Set(links.map(approvalIdOf))][nth];
    return links.filter((link) => approvalIdOf(link) === approvalId);
  };
  return {
    record,
    mails,
    startOf,
    start: (input: Json, key?: string) => startOf('vm-provisioning', input, key),
    ended: ({ executionArn }: StartedRun) => watchRun(stepFunctions, executionArn, { intervalMs: 100 }),
    stop: async ({ executionArn }: StartedRun): Promise<void> => {
      await stepFunctions.send(new StopExecutionCommand({ executionArn, cause: 'An end-to-end test.' }));
    },
    /** A link of one approver to a run's first approval, or a later one. */
    link: ({ runId }: StartedRun, nth = 0): Promise<string> =>
      eventually(`the approval link of ${runId}`, async () => {
        const [link] = await linksOf(runId, nth);
        const seen = await record(runId);
        if (!link && seen?.status === 'ended')
          throw new Error(`The run ended without asking: ${JSON.stringify(seen.result)}`);
        return link;
      }),
    /** Answers a run's first approval, or a later one, in the name of as many people as it takes. */
    decide: async ({ runId }: StartedRun, decision: 'approve' | 'reject', nth = 0): Promise<void> => {
      const answered = new Set<string>();
      await eventually(`a decision on ${runId}`, async () => {
        const seen = await record(runId);
        const links = await linksOf(runId, nth);
        for (const link of links.filter((one) => !answered.has(one))) {
          answered.add(link);
          const { status } = await decideOverHttp(link, { decision });
          if (status !== 'pending') return true;
        }
        if (links.length === 0 && seen?.status === 'ended')
          throw new Error(`The run ended without asking: ${JSON.stringify(seen.result)}`);
        return undefined;
      });
    },
    /** Waits until a run's end is recorded. */
    recordedEnd: ({ runId }: StartedRun): Promise<RunRecord> =>
      eventually(`the recorded end of ${runId}`, async () => {
        const found = await record(runId);
        return found?.status === 'ended' ? found : undefined;
      }),
    /** Waits until a worker is busy with this task of the run. */
    worker: ({ runId }: StartedRun, task: string): Promise<RunRecord> =>
      eventually(`the worker of ${task}`, async () => {
        const found = await record(runId);
        return found?.worker?.task === task ? found : undefined;
      }),
    /** The mail that says how a run ended. */
    endMail: ({ runId }: StartedRun): Promise<Mail> =>
      eventually(`the mail about the end of ${runId}`, async () =>
        (await mails()).find(
          ({ subject, topic, body }) =>
            topic.includes('News') && /^Run /.test(subject) && body.includes(runId),
        ),
      ),
    /** The hosts of a workspace that are up. */
    hosts: (workspace: string) =>
      readWorkspaceHosts(
        {
          gatewayPort: 0,
          hostControllerUrl: file.hostControllerUrl,
          hostControllerTokenFile: file.hostControllerTokenFile,
        },
        workspace,
      ),
    /** When a workspace ends. */
    endOf: async (workspace: string): Promise<string | undefined> =>
      (await item(platform.workspacesTable, { workspace }))?.timeToLive?.expiresAt,
    lease: (workspace: string) => item(platform.leasesTable, { workspace }),
    freed: (workspace: string): Promise<true> =>
      eventually(`the lease of ${workspace} to be given back`, async () =>
        (await item(platform.leasesTable, { workspace })) === undefined ? true : undefined,
      ),
    approval: (approvalId: string) => item(platform.approvalsTable, { approvalId }),
    scan: async (table: string) => {
      const items: Record<string, unknown>[] = [];
      let next: Record<string, unknown> | undefined;
      do {
        const page = await dynamoDb.send(
          new ScanCommand({
            TableName: table,
            ConsistentRead: true,
            ...(next && { ExclusiveStartKey: next }),
          }),
        );
        items.push(...(page.Items ?? []));
        next = page.LastEvaluatedKey;
      } while (next);
      return items;
    },
    /** Every version of every object below a prefix. */
    versions: async (bucket: string, prefix: string) =>
      (await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }))).Versions ?? [],
    read: async (bucket: string, key: string, versionId?: string): Promise<string> => {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ...(versionId && { VersionId: versionId }) }),
      );
      return (await Body?.transformToString('latin1')) ?? '';
    },
  };
};
export type Runs = ReturnType<typeof runsOn>;
