import { rm } from 'node:fs/promises';
import { type FunctionConfiguration, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { DeployedOutputs } from '../../cli/deployed-outputs';
import { bringUp, type ReadyPlatform } from '../../local/bring-up';
import { deploy } from '../../local/deploy';
import { platformClients } from '../../local/platform-clients';
import type { Progress } from '../../local/progress';
import { findRunningPlatform } from '../../local/supervisor/client';
import { ensureToolchain, type Toolchain } from '../../local/toolchain/toolchain';

/** A platform of the benchmark's own, with the app deployed to it. */
export interface BenchPlatform {
  readonly repository: string;
  readonly stateDir: string;
  readonly platform: ReadyPlatform;
  readonly toolchain: Toolchain;
  readonly outputs: DeployedOutputs;
  readonly stepFunctions: ReturnType<typeof platformClients>['stepFunctions'];
  readonly functions: readonly FunctionConfiguration[];
  /** Aborted at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Brings a platform up on a state that did not exist before, uses it, and leaves nothing of it. */
export const withPlatform = async <T>(
  options: { repository: string; stateDir: string; progress: Progress; signal: AbortSignal },
  use: (bench: BenchPlatform) => Promise<T>,
): Promise<T> => {
  const { repository, stateDir, progress, signal } = options;
  if (await findRunningPlatform(stateDir))
    throw new Error('Another benchmark runs in this checkout. Wait until it has ended.');
  await rm(stateDir, { recursive: true, force: true });
  const toolchain = await ensureToolchain(progress, { needHosts: true });
  const platform = await bringUp({ stateDir, keep: false, progress, signal });
  try {
    const { stepFunctions, cloudFormation } = platformClients(platform.gatewayUrl);
    const { outputs } = await progress.step('Deploying the app', (note) =>
      deploy({ ...platform, repository, stateDir, cloudFormation, note, signal }),
    );
    const functions = await listFunctions(platform.gatewayUrl);
    return await use({
      repository,
      stateDir,
      platform,
      toolchain,
      outputs,
      stepFunctions,
      functions,
      signal,
    });
  } finally {
    await platform.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
};

const listFunctions = async (endpoint: string): Promise<FunctionConfiguration[]> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
  const found: FunctionConfiguration[] = [];
  for await (const page of paginateListFunctions({ client }, {})) found.push(...(page.Functions ?? []));
  return found;
};

/** The environment of the deployment of the runner that does a task. */
export const runnerEnvironment = ({ functions }: BenchPlatform, task: string): Record<string, string> => {
  const variables = functions
    .map(({ Environment }) => Environment?.Variables ?? {})
    .find(({ RUNNER_TASKS = '' }) => RUNNER_TASKS.split(',').includes(task));
  if (!variables) throw new Error(`No deployed function does ${task}.`);
  return variables;
};

/** The environment of the deployment of a step. */
export const stepEnvironment = ({ functions }: BenchPlatform, step: string): Record<string, string> => {
  const found = functions.find(({ Description }) => Description === `Step ${step}`);
  if (!found) throw new Error(`No deployed function is the step ${step}.`);
  return found.Environment?.Variables ?? {};
};
