import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleAll } from '../../lib/constructs/bundle';
import type { BenchPlatform } from './bench-platform';
import { median } from './statistics';

export interface MeasuredBundle {
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds from `require` to the ready handler, in a fresh process. */
  readonly loadMs: number;
  /** The same for an empty handler that makes the same AWS clients. */
  readonly emptyLoadMs: number;
  readonly clients: readonly string[];
}

/** What a function that the local platform does without is told. */
const undeployed: Readonly<Record<string, Record<string, string>>> = {
  'build-runner-image': { PROJECT_NAME: 'bench' },
};

const loadsPerBundle = 7;
const program =
  'const began = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - began));';

const clientClasses: Readonly<Record<string, string>> = {
  'client-codebuild': 'CodeBuildClient',
  'client-dynamodb': 'DynamoDBClient',
  'client-ec2': 'EC2Client',
  'client-ec2-instance-connect': 'EC2InstanceConnectClient',
  'client-kms': 'KMSClient',
  'client-lambda': 'LambdaClient',
  'client-s3': 'S3Client',
  'client-secrets-manager': 'SecretsManagerClient',
  'client-sfn': 'SFNClient',
  'client-sns': 'SNSClient',
};

/** The AWS clients that are part of a bundle, by the paths of what went into it. */
export const clientsIn = (inputs: readonly string[]): string[] => {
  const names = inputs.map(
    (path) => /(client-[a-z0-9-]*?)(?:-\d+\.\d+\.\d+)?\/dist-es\//.exec(path)?.[1] ?? '',
  );
  return [...new Set(names)].filter((name) => name in clientClasses).sort();
};

const emptyHandler = (clients: readonly string[]): string =>
  [
    ...clients.map((client) => `import { ${clientClasses[client]} } from '@aws-sdk/${client}';`),
    `const clients = [${clients.map((client) => `new ${clientClasses[client]}({})`).join(', ')}];`,
    'export const handler = async () => clients.length;',
  ].join('\n');

const load = async (path: string, env: Record<string, string>): Promise<number> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, path], { env });
  return Number(stdout.slice(stdout.lastIndexOf('\n') + 1));
};

const medianLoad = async (path: string, env: Record<string, string>): Promise<number> => {
  const samples: number[] = [];
  for (let sample = 0; sample < loadsPerBundle; sample++) samples.push(await load(path, env));
  return median(samples);
};

/** Sizes of all functions' bundles, and how long each takes to load beside an empty one with the same clients. */
export const measureBundles = async (bench: BenchPlatform): Promise<MeasuredBundle[]> => {
  const build = join(bench.repository, '.build');
  const meta: { outputs: Record<string, { inputs: Record<string, unknown> }> } = JSON.parse(
    await readFile(join(build, 'meta.json'), 'utf8'),
  );
  const isDeployed = (name: string): boolean =>
    bench.functions.some(({ Description }) => Description === `Step ${name}`);
  const bundles = Object.entries(meta.outputs)
    .map(([output, { inputs }]) => ({
      name: output.split('/').at(-2) ?? output,
      clients: clientsIn(Object.keys(inputs)),
    }))
    // What another environment has and this one has not, nobody told what it needs.
    .filter(({ name }) => name === 'runners' || name in undeployed || isDeployed(name));

  const root = join(bench.stateDir, 'empty');
  for (const { name, clients } of bundles) {
    await mkdir(join(root, 'lambdas', name), { recursive: true });
    await writeFile(join(root, 'lambdas', name, 'handler.ts'), emptyHandler(clients));
  }
  await symlink(join(bench.repository, 'node_modules'), join(root, 'node_modules'));
  bundleAll({ root, outDir: join(root, '.build') });

  const measured: MeasuredBundle[] = [];
  for (const { name, clients } of bundles) {
    const path = join(build, 'lambdas', name, 'index.js');
    const deployed = bench.functions.find(({ Description }) => Description === `Step ${name}`);
    const env = {
      PATH: process.env.PATH ?? '',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ...(deployed?.Environment?.Variables ?? undeployed[name]),
    };
    measured.push({
      name,
      bytes: (await stat(path)).size,
      loadMs: await medianLoad(path, env),
      emptyLoadMs: await medianLoad(join(root, '.build/lambdas', name, 'index.js'), env),
      clients,
    });
  }
  return measured.sort((a, b) => b.bytes - a.bytes);
};
