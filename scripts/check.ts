import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createProgress } from '../local/progress';
import { ensureGoTools } from '../local/toolchain/go-tools';
import { thisMachine } from '../local/toolchain/machine';
import { ensureDevTools, ensureToolchain } from '../local/toolchain/toolchain';
import { exitWith } from './exit-with';

const root = resolve(__dirname, '..');

interface Check {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Runs one check to its end; what it said comes with its exit code. */
const run = (check: Check, path: string): Promise<{ code: number; said: string }> =>
  new Promise((done, fail) => {
    const child = spawn(check.command, [...check.args], {
      cwd: root,
      env: {
        ...process.env,
        PATH: path,
        NO_COLOR: '1',
        TF_CLI_CONFIG_FILE: '/dev/null',
        ANSIBLE_NOCOLOR: '1',
        ANSIBLE_ROLES_PATH: join(root, 'ansible/roles'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.once('error', fail);
    child.once('close', (code) => done({ code: code ?? 1, said }));
  });

const imageScripts = ['build-image.sh', 'record-base-images.sh'].map((name) => `lambdas/runners/${name}`);
const shellScripts = readdirSync(join(root, 'script-steps'))
  .map((name) => `script-steps/${name}/main.sh`)
  .filter((path) => existsSync(join(root, path)));

const manifests = readdirSync(join(root, 'deploy/kubernetes')).map((name) => `deploy/kubernetes/${name}`);

const checks: Check[] = [
  { title: 'Lock file', command: 'npm', args: ['ci', '--dry-run', '--ignore-scripts'] },
  { title: 'Biome', command: 'biome', args: ['ci', '--colors=off', '--error-on-warnings'] },
  { title: 'TypeScript', command: 'tsc', args: ['--noEmit'] },
  {
    title: 'Direction of imports',
    command: 'depcruise',
    args: ['bin', 'lib', 'lambdas', 'cli', 'local', 'scripts', 'test', '--config', '.dependency-cruiser.cjs'],
  },
  {
    title: 'Workflows and bindings',
    command: 'jest',
    // What breaks workflows in every way is long, and `npm test` runs it.
    args: [
      '--selectProjects=unit',
      '--testPathPatterns',
      'test/lib/',
      '--testPathIgnorePatterns',
      'asl/mutations',
    ],
  },
  { title: 'Workflows on every path', command: 'tsx', args: ['scripts/check-workflows.ts'] },
  { title: 'Policies on plans', command: 'tsx', args: ['scripts/policy-test.ts'] },
  { title: 'Terraform modules', command: 'tsx', args: ['scripts/modules-test.ts', '--modules'] },
  { title: 'Generated files are fresh', command: 'tsx', args: ['scripts/generate-catalogue.ts', '--check'] },
  { title: 'ansible-lint', command: 'ansible-lint', args: ['--offline', '-q', 'ansible'] },
  {
    title: 'yamllint',
    command: 'yamllint',
    args: ['--strict', 'ansible', 'script-steps', 'deploy', '.github', '.config'],
  },
  { title: 'Kubernetes manifests', command: 'kubernetes-validate', args: ['--strict', ...manifests] },
  {
    title: 'Checkov on manifests',
    command: 'checkov',
    args: ['--framework', 'kubernetes', '--skip-download', '--compact', '--quiet', '-d', 'deploy/kubernetes'],
  },
  { title: 'shellcheck', command: 'shellcheck', args: ['.ci/run', ...imageScripts, ...shellScripts] },
  { title: 'actionlint', command: 'actionlint', args: ['-shellcheck='] },
  {
    title: 'Secrets in the history',
    command: 'gitleaks',
    args: ['git', '--no-banner', '--no-color', '--redact', '--verbose', '--log-opts=HEAD', '.'],
  },
  { title: 'Licences', command: 'tsx', args: ['scripts/licences.ts'] },
  { title: 'hadolint', command: 'hadolint', args: ['lambdas/runners/Dockerfile'] },
  {
    title: 'Synth and nag: poc',
    command: 'cdk',
    args: ['synth', '--quiet', '--strict', '-c', 'env=poc', '--output', '.build/cdk-poc'],
  },
  {
    title: 'Synth and nag: prod',
    command: 'cdk',
    args: ['synth', '--quiet', '--strict', '-c', 'env=prod', '--output', '.build/cdk-prod'],
  },
  // Reads the templates that the two before it wrote.
  { title: 'Page of AWS resources is fresh', command: 'tsx', args: ['scripts/aws-resources.ts', '--check'] },
];

const main = async (): Promise<number> => {
  const progress = createProgress();
  const tools = await ensureToolchain(progress, { needHosts: false });
  const dev = await ensureDevTools(progress);
  const scanners = await ensureGoTools(thisMachine(), progress);
  const path = [
    join(root, 'node_modules/.bin'),
    tools.tofuBinDir,
    tools.opaBinDir,
    dev.binDir,
    ...scanners,
    process.env.PATH,
  ].join(':');
  const only = process.argv.slice(2);
  const wanted = checks.filter(({ title }) => only.length === 0 || only.some((word) => title.includes(word)));
  const failures: string[] = [];
  for (const check of wanted) {
    try {
      await progress.step(check.title, async () => {
        const { code, said } = await run(check, path);
        if (code === 0) return;
        failures.push(`── ${check.title} ──\n${said.trim()}`);
        throw new Error(`exit ${code}`);
      });
    } catch (error) {
      if (failures.length === 0) throw error;
    }
  }
  for (const failure of failures) progress.line(`\n${failure}`);
  progress.line(
    failures.length === 0
      ? `\nAll ${wanted.length} checks passed.`
      : `\n${failures.length} of ${wanted.length} checks failed.`,
  );
  return failures.length === 0 ? 0 : 1;
};

exitWith(main);
