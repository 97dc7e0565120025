import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type DeployedOutputs, readOutputs, readStack } from '../cli/deployed-outputs';
import type { LocalPlatform } from '../lib/config/schema';
import { writeFileAtomically } from './hosts/write-file-atomically';
import { type CommandRun, runCommand } from './run-command';
import { synthDigest } from './synth-digest';

export interface DeployOptions {
  readonly repository: string;
  /** Everything is written below it: state, caches, logs. */
  readonly stateDir: string;
  readonly gatewayUrl: string;
  /** What the app is told about the platform that it is deployed to. */
  readonly settings: LocalPlatform;
  readonly cloudFormation: CloudFormationClient;
  /** Told what happens now, in a few words. */
  readonly note: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** `cdk` failed. The message holds the lines that say why, and where to read the rest. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}

/** The emulator's own account and region. */
const environment = 'aws://000000000000/us-east-1';
const region = 'us-east-1';

/**
 * Deploys the app to the emulator, unless exactly this app is there already.
 *
 * @throws DeployError when `cdk` fails.
 */
export const deploy = async (
  options: DeployOptions,
): Promise<{ outputs: DeployedOutputs; deployed: boolean }> => {
  const { cloudFormation, stateDir, repository } = options;
  const record = join(stateDir, 'deployed-digest');
  const settings = JSON.stringify(options.settings);
  const digest = await synthDigest(repository, settings);
  const present = await readOutputs(cloudFormation, 'local');
  if (present && digest === (await readFile(record, 'utf8').catch(() => '')))
    return { outputs: present, deployed: false };

  const cdk = await cdkOf(options);
  if (!(await readStack(cloudFormation, 'CDKToolkit'))) {
    options.note('preparing the account');
    // Where no cdk.json makes it synthesize the app first.
    await cdk(['bootstrap', environment], stateDir);
  }
  options.note('synthesizing');
  const app = ['-c', 'env=local', '-c', `local=${settings}`, '--output', join(stateDir, 'cdk.out')];
  const how = ['--require-approval', 'never', '--progress', 'events', '--concurrency', '4'];
  await cdk(['deploy', '--all', ...app, ...how], repository);

  const outputs = await readOutputs(cloudFormation, 'local');
  if (!outputs)
    throw new DeployError('cdk reported success, but the stack orchestrator-local-orchestrator is not up.');
  await writeFileAtomically(record, digest);
  return { outputs, deployed: true };
};

/** Runs one `cdk` command in a clean environment; its output goes to a log, its progress to the notes. */
const cdkOf = async ({ repository, stateDir, gatewayUrl, note, signal }: DeployOptions) => {
  const home = join(stateDir, 'cdk-home');
  const temporary = join(stateDir, 'tmp');
  const logs = join(stateDir, 'logs');
  for (const folder of [home, temporary, logs]) await mkdir(folder, { recursive: true });
  const binaries = join(repository, 'node_modules', '.bin');
  const env = {
    PATH: [binaries, dirname(process.execPath), process.env.PATH ?? ''].join(':'),
    HOME: home,
    CDK_HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    CI: 'true',
    NO_COLOR: '1',
    CDK_DISABLE_CLI_TELEMETRY: '1',
    CDK_DISABLE_VERSION_CHECK: '1',
    AWS_ENDPOINT_URL: gatewayUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: join(home, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  return async (args: readonly string[], cwd: string): Promise<void> => {
    const logFile = join(logs, `cdk-${args[0]}.log`);
    const log = createWriteStream(logFile);
    const lines: string[] = [];
    const run: CommandRun = {
      command: join(binaries, 'cdk'),
      args: [...args, '--no-notices', '--no-version-reporting', '--no-color'],
      cwd,
      env,
      onLine: (line) => {
        log.write(`${line}\n`);
        lines.push(line);
        const text = progressOf(line);
        if (text) note(text);
      },
      ...(signal ? { signal } : {}),
    };
    const code = await runCommand(run).finally(() => log.end());
    if (code !== 0)
      throw new DeployError(
        `cdk ${args[0]} failed (exit code ${code}). ${decisiveLines(lines).join('\n')}\nEverything it said: ${logFile}`,
      );
  };
};

/** What a line of `cdk`'s output tells a person who waits, if anything. */
export const progressOf = (line: string): string | null => {
  const stack = /^(\S+): (deploying\.\.\.|start: Publishing)(?: (\[\d+\/\d+\]))?/.exec(line);
  if (stack?.[2] === 'deploying...') return `deploying ${stack[1]} ${stack[3] ?? ''}`.trim();
  if (stack) return 'publishing the functions';
  const done = /^ ✅ {2}(\S+)/.exec(line);
  return done ? `${done[1]} is up` : null;
};

const decisive = /❌|failed|\berror\b|_FAILED|Rejected|cannot|not found/i;

/** The few lines that say why it failed; the last ones when none looks like a reason. */
export const decisiveLines = (lines: readonly string[]): readonly string[] => {
  const spoken = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('at '));
  const reasons = [...new Set(spoken.filter((line) => decisive.test(line)))];
  return reasons.length > 0 ? reasons.slice(0, 8) : spoken.slice(-8);
};
