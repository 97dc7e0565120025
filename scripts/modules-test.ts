import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createProgress } from '../local/progress';
import { ensureDevTools, ensureToolchain } from '../local/toolchain/toolchain';
import { exitWith } from './exit-with';
import { type Outcome, outcomeTable } from './modules/outcome';
import { scanModules } from './modules/scan-modules';
import { testModule } from './modules/test-module';
import { testRole } from './modules/test-role';

const root = resolve(__dirname, '..');
const usage = `npm run modules:test -- [--modules] [--registry] [name …]

Tests modules and roles alone, without the orchestrator: each is applied twice, and the second time may change nothing.

  --modules    modules only; needs no root
  --registry   download providers, to validate and test the modules that need one
  name         only those of these names`;

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { modules: { type: 'boolean' }, registry: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const progress = createProgress();
  const needHosts = !values.modules;
  const { tofuBinDir, baseImageDir } = await ensureToolchain(progress, { needHosts });
  const { binDir: devBinDir } = await ensureDevTools(progress);
  const named = (folder: string): string[] =>
    readdirSync(join(root, folder)).filter((name) => positionals.length === 0 || positionals.includes(name));
  const outcomes: Outcome[] = [];
  const modules = named('terraform/modules');
  if (modules.length > 0) {
    const findings = await progress.step('Checkov', () =>
      scanModules(join(root, 'terraform/modules'), devBinDir),
    );
    const tools = { root, tofuBinDir, devBinDir, findings, registry: values.registry ?? false };
    for (const name of modules)
      outcomes.push(await progress.step(`module ${name}`, () => testModule(tools, name)));
  }
  if (needHosts)
    for (const name of named('ansible/roles'))
      outcomes.push(
        await progress.step(`role ${name}`, () => testRole({ root, baseImageDir, devBinDir }, name)),
      );
  process.stdout.write(`${outcomeTable(outcomes)}\n`);
  return outcomes.length > 0 && outcomes.every(({ result }) => result !== 'failed') ? 0 : 1;
};

exitWith(main);
