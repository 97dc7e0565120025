import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readContent, writeContent } from '../../lambdas/runners/content';
import { endLeftoverProcesses } from '../../lambdas/runners/leftover-processes';
import { writePlayFolder } from '../../lambdas/runners/play-folder';
import { readRole } from '../../lambdas/runners/role-content';
import type { Variables } from '../../lambdas/shared/contract';
import { type BenchPlatform, runnerEnvironment } from './bench-platform';

export interface PlainJob {
  /** `<tenant>/<name>`, not used before. */
  readonly workspace: string;
  readonly module: string;
  readonly variables: Variables;
  readonly role: string;
  readonly roleVariables: Variables;
}

export interface TimedRun {
  readonly seconds: number;
  readonly stages: Readonly<Record<string, number>>;
}

/** Lays the job out in a folder; this is not timed, as a person has a checkout. */
const prepare = async (
  bench: BenchPlatform,
  folder: string,
  job: PlainJob,
): Promise<Record<string, string>> => {
  const { repository, platform, toolchain, stateDir } = bench;
  const { STATE_BUCKET, STATE_KEY_ARN } = runnerEnvironment(bench, 'terraform-apply');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'home'), { recursive: true });
  await writeContent(await readContent(repository, 'module', job.module), join(folder, 'module'));
  const backend = {
    bucket: STATE_BUCKET,
    key: `${job.workspace}/terraform.tfstate`,
    region: 'us-east-1',
    encrypt: true,
    kms_key_id: STATE_KEY_ARN,
    use_lockfile: true,
    use_path_style: true,
  };
  const files = {
    'module/backend.tf.json': { terraform: { backend: { s3: backend } } },
    'module/terraform.tfvars.json': job.variables,
  };
  for (const [path, value] of Object.entries(files))
    await writeFile(join(folder, path), JSON.stringify(value));
  await writeFile(join(folder, 'tofu.rc'), 'disable_checkpoint = true\n');
  const ssh = {
    keyPath: platform.identityFile,
    knownHostsPath: join(folder, 'known-hosts'),
    controlFolder: '../ssh',
    close: () => undefined,
  };
  for (const [name, role, variables] of [
    ['play', job.role, job.roleVariables],
    ['audit', 'compliance-audit', {}],
  ] as const) {
    const play = join(folder, name);
    await mkdir(join(play, 'ssh'), { recursive: true, mode: 0o700 });
    await writePlayFolder({
      folder: play,
      role: await readRole(repository, role),
      variables,
      hosts: [],
      files: new Map(),
      ssh,
    });
  }
  return {
    PATH: [toolchain.tofuBinDir, toolchain.pythonBinDir, dirname(process.execPath), process.env.PATH].join(
      ':',
    ),
    HOME: join(folder, 'home'),
    TMPDIR: join(stateDir, 'tmp'),
    LANG: 'C.UTF-8',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: platform.gatewayUrl,
    TF_IN_AUTOMATION: '1',
    TF_CLI_CONFIG_FILE: join(folder, 'tofu.rc'),
    TF_ENCRYPTION: JSON.stringify({
      key_provider: {
        aws_kms: { state: { kms_key_id: STATE_KEY_ARN, key_spec: 'AES_256', region: 'us-east-1' } },
      },
      method: { aes_gcm: { state: { keys: 'key_provider.aws_kms.state' } } },
      state: { method: 'method.aes_gcm.state', enforced: true },
      plan: { method: 'method.aes_gcm.state', enforced: true },
    }),
  };
};

const run = (
  command: string,
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, said] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`The plain script failed (exit ${code}). ${said.slice(-2000)}`)),
    );
  });

/** Does the job by the plain script, and times it. */
export const plainRun = async (bench: BenchPlatform, job: PlainJob): Promise<TimedRun> => {
  const folder = join(bench.stateDir, 'plain', job.workspace.replace('/', '-'));
  const env = await prepare(bench, folder, job);
  const hostsUrl = `${bench.platform.settings.hostControllerUrl}/workspaces/${job.workspace}/hosts`;
  try {
    const args = [folder, hostsUrl, bench.platform.settings.hostControllerTokenFile];
    const began = performance.now();
    const marks = await run(join(__dirname, 'plain-run.sh'), args, env, bench.signal).catch(
      async (error: Error) => {
        const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
        throw new Error(`${error.message}\n${log.slice(-3000)}`);
      },
    );
    const seconds = (performance.now() - began) / 1000;
    const times = marks
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    const stages = Object.fromEntries(
      times.slice(1).map(([name, at], index) => [name, Number(at) - Number(times[index]?.[1])]),
    );
    return { seconds, stages };
  } finally {
    await endLeftoverProcesses(folder);
    await rm(folder, { recursive: true, force: true });
  }
};

/** Destroys the hosts of a workspace, so that every round has the machine to itself. */
export const removeHosts = async ({ platform }: BenchPlatform, workspace: string): Promise<void> => {
  const { hostControllerUrl, hostControllerTokenFile } = platform.settings;
  const token = (await readFile(hostControllerTokenFile, 'utf8')).trim();
  const response = await fetch(`${hostControllerUrl}/workspaces/${workspace}/hosts`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ hosts: [] }),
  });
  if (!response.ok) throw new Error(`The hosts of ${workspace} were not removed: ${await response.text()}`);
};
