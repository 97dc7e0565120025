import { promises as fs } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PlanMode, Variables } from '../shared/contract';
import { InvalidInputError, StalePlanError, TerraformError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { type Content, writeContent } from './content';
import { type LentCredentials, targetProfile } from './lent-credentials';
import { engineStamp, type ModuleMemory, moduleKey } from './module-memory';
import { type ModuleConfiguration, moduleConfiguration } from './module-policy';
import { ownLock } from './own-lock';
import { lockWasReleased, stateLocked } from './state-lock';
import type { TaskLog } from './task-log';
import { awsToolEnvironment } from './tool-environment';
import { runTool, type ToolResult } from './tool-process';

/** Where states lie and what encrypts them. */
export interface StateBackend {
  readonly bucket: string;
  readonly keyArn: string;
  readonly region: string;
  /** Emulators answer on one host for all buckets. */
  readonly pathStyle: boolean;
}

export interface TofuFolder {
  /** A fresh folder of this task alone; the caller removes it. */
  readonly folder: string;
  readonly module: Content;
  readonly workspace: string;
  readonly backend: StateBackend;
  readonly providerMirror: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** As whom it reads and changes: variables that lead to what the broker lends. */
  readonly credentials: LentCredentials;
  readonly signal: AbortSignal;
  /** Time that it has after an interrupt. */
  readonly graceMs: number;
  readonly log: TaskLog;
  readonly now: () => Date;
  readonly memory: ModuleMemory;
}

/** OpenTofu in one folder. Every failure is a {@link TerraformError} in OpenTofu's own words, masked. */
export interface Tofu {
  version(): Promise<string>;
  /** The module's configuration, read without running any of it. */
  inspect(): Promise<ModuleConfiguration>;
  init(): Promise<void>;
  validate(): Promise<void>;
  /** `true` when the plan, saved at `planPath`, changes something. */
  plan(options: {
    variables: Variables;
    mode: PlanMode;
    targets: readonly string[];
    preview?: boolean | undefined;
  }): Promise<boolean>;
  /** The saved plan as JSON, with its secrets in clear. */
  show(): Promise<string>;
  /** @throws StalePlanError when the state moved on after the plan. */
  apply(): Promise<void>;
  output(name: string): Promise<unknown>;
  /** The state that OpenTofu could not store at its place, encrypted; `undefined` when it stored it. */
  erroredState(): Promise<Uint8Array | undefined>;
  readonly planPath: string;
}

const cliConfiguration = (mirror: string | undefined): string =>
  mirror === undefined
    ? 'disable_checkpoint = true\n'
    : `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`;

/** Without the key of the state, so that another workspace's folder differs in what `init` recorded alone. */
const backendConfiguration = (backend: StateBackend) => ({
  terraform: {
    backend: {
      s3: {
        bucket: backend.bucket,
        region: backend.region,
        encrypt: true,
        kms_key_id: backend.keyArn,
        use_lockfile: true,
        use_path_style: backend.pathStyle,
      },
    },
  },
});

const awsProvider = 'registry.opentofu.org/hashicorp/aws';

/**
 * The provider blocks that a module must not bring: where it works, and the tag by which hosts are found and
 * permissions bound. The run is no tag: each run would change it, and no plan would ever be empty.
 */
export const providerConfiguration = (
  { provider_config: required = {} }: ModuleConfiguration,
  { workspace, region, profile }: { workspace: string; region: string; profile?: string },
) => {
  const tags = { 'orchestrator:workspace': workspace };
  const blocks = Object.entries(required)
    .filter(([, { full_name: name }]) => name === awsProvider)
    .map(([localName]) => [
      localName,
      { region, ...(profile !== undefined && { profile }), default_tags: { tags } },
    ]);
  // A block "provider" without any would be refused.
  return blocks.length === 0 ? {} : { provider: Object.fromEntries(blocks) };
};

/** State and plan are unreadable at rest even to those who may read the bucket. */
const encryption = ({ keyArn, region }: StateBackend): string =>
  JSON.stringify({
    key_provider: { aws_kms: { state: { kms_key_id: keyArn, key_spec: 'AES_256', region } } },
    method: { aes_gcm: { state: { keys: 'key_provider.aws_kms.state' } } },
    state: { method: 'method.aes_gcm.state', enforced: true },
    plan: { method: 'method.aes_gcm.state', enforced: true },
  });

/** The errors that OpenTofu printed, on one line each. */
export const describeFailure = (stderr: string): string => {
  const blocks = stderr.split(/^Error: /m).slice(1);
  const sentences = (blocks.length > 0 ? blocks : [stderr]).slice(0, 3).map((block) =>
    block
      .replace(/^[│╷╵]\s?/gm, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return plainText(sentences.join(' '), 1200);
};

/** Prepares the folder: the module's files, the backend, and nothing that was not approved. */
export const openTofu = async (options: TofuFolder): Promise<Tofu> => {
  const { folder, module, workspace, signal, log, now, memory } = options;
  const moduleFolder = join(folder, 'module');
  const home = join(folder, 'home');
  const cliConfig = join(folder, 'tofu.rc');
  await fs.mkdir(moduleFolder, { recursive: true, mode: 0o700 });
  await fs.mkdir(home, { mode: 0o700 });
  await writeContent(module, moduleFolder);
  await fs.writeFile(cliConfig, cliConfiguration(options.providerMirror), { mode: 0o600 });
  const planPath = join(folder, 'plan.bin');
  // The profile's name is part of the plan, the file is not: apply has one of its own.
  const { awsConfig } = options.credentials;
  const awsConfigFile = join(folder, 'aws-config');
  if (awsConfig !== undefined) await fs.writeFile(awsConfigFile, awsConfig, { mode: 0o600 });
  const plainEnv = {
    ...awsToolEnvironment(options.env, home, options.credentials.env),
    ...(awsConfig !== undefined && { AWS_CONFIG_FILE: awsConfigFile }),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    TF_CLI_CONFIG_FILE: cliConfig,
  };
  const env = { ...plainEnv, TF_ENCRYPTION: encryption(options.backend) };

  const run = async (
    args: readonly string[],
    {
      silent = false,
      accept = [0],
      cwd = moduleFolder,
      environment = env as Record<string, string>,
      triesLeft = 3,
    } = {},
  ): Promise<ToolResult> => {
    log.write(`$ tofu ${args.join(' ')}\n`);
    const beganAt = now();
    const result = await runTool({
      command: 'tofu',
      args,
      cwd,
      env: environment,
      signal,
      graceMs: options.graceMs,
      onOutput: silent ? () => undefined : log.write,
      failure: TerraformError,
    });
    log.write(`# tofu ${args[0]} took ${((now().getTime() - beganAt.getTime()) / 1000).toFixed(2)} s\n`);
    if (accept.includes(result.code)) return result;
    const operation = args[0] === 'apply' ? 'apply' : 'plan';
    const own = ownLock(result.stderr, { host: hostname(), operation, beganAt });
    if (own !== undefined) {
      await run(['force-unlock', '-force', own]);
      return run(args, { silent, accept, cwd, environment });
    }
    if (triesLeft > 0 && lockWasReleased(result.stderr))
      return run(args, { silent, accept, cwd, environment, triesLeft: triesLeft - 1 });
    const locked = stateLocked(result.stderr, workspace);
    if (locked) throw locked;
    // Before the text is cut, and after lines that OpenTofu broke are joined.
    const said = log.mask(describeFailure(log.mask(result.stderr)));
    if (said.includes('Saved plan is stale'))
      throw new StalePlanError(
        `The state of ${workspace} moved on after this plan was made. Start a new run to plan against the present state.`,
      );
    // The module's own validation rules: known to OpenTofu alone, and still a mistake in the input.
    const broken =
      /Invalid value for variable\b.*?variable "(\w+)".*?(?:is "[^"]*"|is \S+) (.+?) This was checked by/.exec(
        said,
      );
    if (broken)
      throw new InvalidInputError(
        `The variable ${broken[1]} does not fit ${workspace}'s module. ${broken[2]}`,
      );
    throw new TerraformError(`OpenTofu failed in "${args[0]}" for ${workspace}: ${said}`);
  };

  const key = moduleKey({
    moduleDigest: module.digest,
    backend: options.backend,
    engine: await engineStamp(options.env.PATH ?? ''),
    providerMirror: options.providerMirror,
  });
  const inspect = (): Promise<ModuleConfiguration> =>
    memory.recall('configuration', key, async () => {
      const { stdout } = await run(['show', '-json', `-module=${moduleFolder}`], {
        silent: true,
        cwd: home,
        environment: plainEnv,
      });
      return moduleConfiguration.parse(JSON.parse(stdout));
    });

  return {
    planPath,
    inspect,
    version: async () => {
      const { stdout } = await run(['version', '-json'], { silent: true, environment: plainEnv });
      return String(JSON.parse(stdout).terraform_version);
    },
    init: async () => {
      const place = {
        workspace,
        region: options.backend.region,
        ...(awsConfig !== undefined && { profile: targetProfile }),
      };
      await fs.writeFile(
        join(moduleFolder, 'providers.tf.json'),
        JSON.stringify(providerConfiguration(await inspect(), place)),
      );
      await fs.writeFile(
        join(moduleFolder, 'backend.tf.json'),
        JSON.stringify(backendConfiguration(options.backend)),
      );
      const stateKey = `${workspace}/terraform.tfstate`;
      if (await memory.restore(key, moduleFolder, stateKey)) {
        log.write('This worker has initialized the module before.\n');
        return;
      }
      const lock = module.files.has('.terraform.lock.hcl') ? ['-lockfile=readonly'] : [];
      await run(['init', '-input=false', '-no-color', `-backend-config=key=${stateKey}`, ...lock]);
      await memory.remember(key, moduleFolder, stateKey);
    },
    validate: () => memory.recall('validity', key, async () => void (await run(['validate', '-no-color']))),
    plan: async ({ variables, mode, targets, preview }) => {
      await fs.writeFile(join(moduleFolder, 'terraform.tfvars.json'), JSON.stringify(variables), {
        mode: 0o600,
      });
      const { code } = await run(
        [
          'plan',
          '-input=false',
          '-no-color',
          '-detailed-exitcode',
          preview ? '-lock=false' : '-lock-timeout=10s',
          `-out=${planPath}`,
          ...(mode === 'apply' ? [] : [`-${mode}`]),
          ...targets.map((address) => `-target=${address}`),
        ],
        { accept: [0, 2] },
      );
      return code === 2;
    },
    show: async () => {
      const { stdout } = await run(['show', '-json', planPath], { silent: true });
      return stdout;
    },
    apply: async () => {
      await run(['apply', '-input=false', '-no-color', '-lock-timeout=10s', planPath]);
    },
    erroredState: async () => {
      try {
        return await fs.readFile(join(moduleFolder, 'errored.tfstate'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    output: async (name) => {
      const { stdout } = await run(['output', '-json', '-no-color'], { silent: true });
      const outputs: Record<string, { value?: unknown } | undefined> = JSON.parse(stdout);
      return outputs[name]?.value;
    },
  };
};
