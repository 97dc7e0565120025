import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { awsSchema } from './aws-schema';
import { unknownNames } from './check-attributes';
import { documentedCommands } from './documented-commands';
import { readModuleBlocks } from './module-blocks';
import { type Outcome, outcomeOf } from './outcome';
import { runProgram } from './run-program';
import { problemsIn, type Scan } from './scan-modules';

export interface ModuleTools {
  /** The repository. */
  readonly root: string;
  /** Holds `tofu`. */
  readonly tofuBinDir: string;
  /** Holds the Python that can read HCL. */
  readonly devBinDir: string;
  /** What Checkov found. */
  readonly findings: Scan;
  /** Download providers, to validate and test with their schema the modules that need one. */
  readonly registry: boolean;
}

const builtIn = 'terraform.io/builtin/';
const configuration = z.object({
  provider_config: z.record(z.string(), z.looseObject({ full_name: z.string() })).default({}),
});

const checkFiles = (root: string, name: string): void => {
  const missing = [
    'main.tf',
    'variables.tf',
    'outputs.tf',
    'versions.tf',
    'examples/basic/main.tf',
    `tests/${name}.tftest.hcl`,
  ].filter((path) => !existsSync(join(root, 'terraform/modules', name, path)));
  if (missing.length > 0) throw new Error(`The module lacks ${missing.join(', ')}.`);
};

/**
 * Tests one module without the orchestrator: its form everywhere, and by the commands of its README, applied twice,
 * where its provider can be had.
 */
export const testModule = (tools: ModuleTools, name: string): Promise<Outcome> =>
  outcomeOf('module', name, async () => {
    const { root, registry } = tools;
    const scratch = mkdtempSync(join(tmpdir(), 'modules-test-'));
    try {
      // A copy: what an init leaves behind is no part of the module.
      const folder = join(scratch, 'terraform/modules', name);
      cpSync(join(root, 'terraform/modules', name), folder, { recursive: true });
      writeFileSync(join(scratch, 'tofu.rc'), 'disable_checkpoint = true\n');
      const env = {
        PATH: `${tools.tofuBinDir}:${process.env.PATH}`,
        HOME: scratch,
        TF_CLI_CONFIG_FILE: join(scratch, 'tofu.rc'),
        TF_IN_AUTOMATION: '1',
        TF_INPUT: '0',
        TF_CLI_ARGS: '-no-color',
      };
      const tofu = (...args: string[]): Promise<string> => runProgram('tofu', args, { cwd: folder, env });

      checkFiles(root, name);
      await tofu('fmt', '-check', '-recursive', '-diff');
      const blocks = readModuleBlocks(join(tools.devBinDir, 'python'), folder);
      const schemaFile = join(root, 'terraform/aws-schema.generated.json');
      const wrong = unknownNames(blocks, awsSchema.parse(JSON.parse(readFileSync(schemaFile, 'utf8'))));
      const found = [...wrong, ...problemsIn(tools.findings, name)];
      if (found.length > 0) throw new Error(found.join('\n'));
      const shown = configuration.parse(JSON.parse(await tofu('show', '-json', `-module=${folder}`)));
      const foreign = Object.values(shown.provider_config).some((one) => !one.full_name.startsWith(builtIn));
      if (foreign && !registry)
        return { result: 'checked statically', detail: 'format, Checkov, names of the provider' };
      if (foreign) {
        await tofu('init', '-backend=false');
        await tofu('validate');
        await tofu('test');
        return { result: 'passed', detail: 'validate and its own tests, with a mocked provider' };
      }

      const commands = documentedCommands(readFileSync(join(folder, 'README.md'), 'utf8'));
      const apply = commands.at(-1) ?? '';
      const shell = (command: string, cwd: string): Promise<string> =>
        runProgram('sh', ['-euc', command], { cwd, env: { ...env, TF_CLI_ARGS_apply: '-auto-approve' } });
      await shell(commands.join('\n'), scratch);
      const second = await shell(apply, folder);
      if (!second.includes('0 added, 0 changed, 0 destroyed'))
        throw new Error(`A second apply changed something:\n${second.slice(-2000)}`);
      // Ends with an exit code of its own unless nothing is left to do.
      await shell(apply.replace('tofu apply', 'tofu plan -detailed-exitcode'), folder);
      await tofu('test');
      return { result: 'passed', detail: 'applied twice by the commands of its README, its own tests' };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
