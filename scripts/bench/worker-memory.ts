import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { demandsOf } from '../../lambdas/approval-rules/demands';
import { approvalRules } from '../../lambdas/approval-rules/rules-of-this-release';
import { makeArtifacts } from '../../lambdas/runners/artifacts';
import { runnerReport } from '../../lambdas/runners/contract';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import { makeChangeStore } from '../../lambdas/shared/change-store';
import { type ChangeRef, planResult, type RunRef } from '../../lambdas/shared/contract';
import { makeLeaseStore } from '../../lambdas/shared/lease-store';
import { makeLeaseTable } from '../../lambdas/shared/lease-table';
import { type BenchPlatform, runnerEnvironment } from './bench-platform';
import { leavePeak } from './leave-peak';

/** The most that the worker's own process held at once, in MiB, without the tools that it starts. */
export interface WorkerMemory {
  readonly resources: number;
  readonly planMib: number;
  readonly applyMib: number;
}

const sizes = [10, 500, 5000] as const;
const hour = 3_600_000;

const clientsOf = (bench: BenchPlatform) => {
  const client = {
    endpoint: bench.platform.gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    s3: new S3Client({ ...client, forcePathStyle: true }),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(client)),
  };
};

/** Runs the command-line entry of the runner's bundle, a process as Fargate starts it. */
const runWorker = async (
  bench: BenchPlatform,
  folder: string,
  task: { readonly task: string; readonly run: RunRef },
): Promise<number> => {
  const { tofuBinDir, opaBinDir } = bench.toolchain;
  const peakFile = join(folder, 'peak');
  const program = join(bench.repository, '.build/lambdas/runners/main.js');
  const args = ['--require', join(folder, 'leave-peak.cjs'), program, '--task-input', JSON.stringify(task)];
  const child = spawn(process.execPath, args, {
    env: {
      ...runnerEnvironment(bench, task.task),
      PATH: [tofuBinDir, opaBinDir, process.env.PATH ?? ''].join(':'),
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: bench.platform.gatewayUrl,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      CONTENT_ROOT: join(folder, 'content'),
      PEAK_FILE: peakFile,
    },
    stdio: 'ignore',
  });
  await new Promise((done) => child.once('exit', done));
  return Number(await readFile(peakFile, 'utf8')) / 1024;
};

/** A run that holds its workspace, whose change was approved: what the broker asks for. */
const approve = async (
  bench: BenchPlatform,
  { s3, documents }: ReturnType<typeof clientsOf>,
  run: RunRef,
  plan: ReturnType<typeof planResult.parse>,
): Promise<ChangeRef> => {
  const env = runnerEnvironment(bench, 'terraform-apply');
  const now = new Date();
  const soon = new Date(now.getTime() + hour).toISOString();
  const runsTable = env.RUNS_TABLE ?? '';
  const leasesTable =
    bench.functions.map(({ Environment }) => Environment?.Variables?.LEASES_TABLE).find(Boolean) ?? '';
  const started = { executionArn: 'bench', startedAt: now.toISOString(), finished: {}, attempt: 1 };
  const Item = { ...run, ...started, workflow: 'vm-provisioning', status: 'running' };
  await documents.send(new PutCommand({ TableName: runsTable, Item }));
  const leases = makeLeaseStore(makeLeaseTable({ client: documents, runsTable, leasesTable }));
  await leases.acquire({ workspace: run.workspace, runId: run.runId, at: now.toISOString() });
  const { plan: ref, hosts: _, ...planned } = plan;
  const change = await makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET ?? '' }).put({
    version: 1,
    id: `${run.runId}-change`,
    runId: run.runId,
    workflow: 'vm-provisioning',
    workspace: run.workspace,
    reason: 'benchmark',
    requestedBy: null,
    createdAt: now.toISOString(),
    expiresAt: soon,
    plan: { ref, ...planned },
    playbook: null,
    script: null,
  });
  const at = now.toISOString();
  const seats = [{ id: 'bench', groups: ['approver', 'admin'] }];
  const decided: Partial<ApprovalRecord> = {
    status: 'approved',
    decidedAt: at,
    starter: { id: null, verified: false },
    expiresAt: soon,
    demands: demandsOf(approvalRules, {
      workspace: run.workspace,
      environment: 'local',
      workflow: 'vm-provisioning',
      dangers: [],
      stricterGate: false,
      addedCost: null,
    }),
    votes: [{ person: 'bench', outcome: 'approved', at, comment: null, breaksGlass: false, seats }],
  };
  await documents.send(
    new PutCommand({
      TableName: env.APPROVALS_TABLE ?? '',
      Item: { approvalId: change.id, change, ...decided },
    }),
  );
  return change;
};

/** Plans and applies 10, 500 and 5,000 real resources, each in a worker of its own. */
export const measureWorkerMemory = async (
  bench: BenchPlatform,
  note: (text: string) => void,
): Promise<WorkerMemory[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
  const clients = clientsOf(bench);
  const artifacts = makeArtifacts({
    s3: clients.s3,
    bucket: runnerEnvironment(bench, 'terraform-plan').ARTIFACTS_BUCKET ?? '',
  });
  const resultOf = async ({ runId }: RunRef, task: string): Promise<unknown> => {
    const text = await artifacts.find(`runs/${runId}/results/${task}.json`);
    const report = runnerReport.parse(JSON.parse(text ?? 'null'));
    if (!report.ok) throw new Error(`The worker could not do ${task}: ${report.error.message}`);
    return report.output;
  };
  try {
    await writeFile(join(folder, 'leave-peak.cjs'), leavePeak);
    await cp(join(bench.repository, 'test/support/runner-content'), join(folder, 'content'), {
      recursive: true,
    });
    await cp(join(bench.repository, 'policies'), join(folder, 'content/policies'), { recursive: true });
    const measured: WorkerMemory[] = [];
    for (const resources of sizes) {
      note(`${resources} resources`);
      const run: RunRef = {
        runId: `memory-${resources}`,
        workspace: `bench/memory-${resources}`,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      };
      const variables = { count_of_hosts: resources - 1 };
      const planning = { task: 'terraform-plan', run, module: 'many', variables };
      const planMib = await runWorker(bench, folder, planning);
      const plan = planResult.parse(await resultOf(run, 'terraform-plan'));
      const change = await approve(bench, clients, run, plan);
      const applying = { task: 'terraform-apply', run, change };
      const applyMib = await runWorker(bench, folder, applying);
      await resultOf(run, 'terraform-apply');
      measured.push({ resources, planMib, applyMib });
    }
    return measured;
  } finally {
    clients.s3.destroy();
    clients.documents.destroy();
    await rm(folder, { recursive: true, force: true });
  }
};
