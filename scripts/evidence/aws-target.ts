import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { readOutputs, requireOutputs } from '../../cli/deployed-outputs';
import { approvalLinksIn } from '../../local/approval-links';
import { drainQueues } from '../../local/inbox/drain-queues';
import { makeMailStore } from '../../local/inbox/mail-store';
import { machineFrom } from './machine';
import { checkLines, mayBegin, preflight } from './preflight';
import { releaseStore } from './releases';
import type { EvidenceTarget } from './target';
import type { WorkflowEvidence } from './workflow-evidence';

export interface AwsOptions {
  readonly env: string;
  /** File with the input of a `vm-provisioning` run that makes one machine in this account. */
  readonly machine: string | undefined;
  /** Whether to go on after the pre-flight check. */
  readonly yes: boolean;
  readonly chosen: readonly WorkflowEvidence[];
  readonly repository: string;
  readonly signal: AbortSignal;
  readonly line: (text: string) => void;
}

const healthAnswer = z.looseObject({ commit: z.string() });

/**
 * What is deployed in an account, with the credentials of the environment. Looks before it starts anything.
 *
 * @throws Error when the pre-flight check fails, or nobody said to go on after it
 */
export const withAwsTarget = async <T>(
  options: AwsOptions,
  use: (at: { target: EvidenceTarget; environment: Record<string, string> }) => Promise<T>,
): Promise<T> => {
  const { env, signal, line } = options;
  const cloudFormation = new CloudFormationClient();
  const sqs = new SQSClient();
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: options.repository })
    .toString()
    .trim();
  const sts = new STSClient();
  const whoAmI = async () => {
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn };
  };
  const inboxes = async (): Promise<string[]> => {
    const prefix = `orchestrator-${env}-`;
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
    return QueueUrls.filter((url) => /inbox/i.test(url)).map((url) => url.slice(url.lastIndexOf('/') + 1));
  };
  const checks = await preflight({
    environment: env,
    commit,
    whoAmI,
    inboxes,
    outputs: () => readOutputs(cloudFormation, env),
    health: async (publicUrl) => {
      const answer = await fetch(`${publicUrl}/api/health?deep=1`, { signal });
      const { commit: release } = healthAnswer.parse(await answer.json());
      return { status: answer.status, release };
    },
    workflows: options.chosen.map(({ workflow }) => workflow),
  });
  for (const text of checkLines(checks)) line(text);
  if (!mayBegin(checks)) throw new Error('The pre-flight check failed. Nothing was started.');
  if (options.machine === undefined)
    throw new Error(
      'Say what machine to make: --machine FILE, the input of a vm-provisioning run for this account. Nothing was started.',
    );
  const machine = machineFrom(z.json().parse(JSON.parse(await readFile(options.machine, 'utf8'))));
  if (!options.yes)
    throw new Error(
      'The pre-flight check is good. Machines will be made and destroyed, and paid for: say --yes to begin.',
    );

  const ending = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  const store = makeMailStore(folder);
  const draining = drainQueues({
    client: sqs,
    store,
    namePrefix: `orchestrator-${env}-`,
    signal: AbortSignal.any([signal, ending.signal]),
    log: line,
  });
  try {
    const { account } = await whoAmI();
    const outputs = await requireOutputs(cloudFormation, env);
    const target: EvidenceTarget = {
      name: 'aws',
      environment: env,
      outputs,
      stepFunctions: new SFNClient(),
      secretsManager: new SecretsManagerClient(),
      dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient()),
      signal,
      machine,
      putRelease: releaseStore(new S3Client(), outputs.artifactsBucket),
      approvalLinks: async (runId) => approvalLinksIn(await store.list(), runId),
    };
    return await use({ target, environment: { environment: env, account, commit } });
  } finally {
    ending.abort();
    await draining;
    await rm(folder, { recursive: true, force: true });
  }
};
