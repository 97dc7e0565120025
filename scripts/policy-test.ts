import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createProgress } from '../local/progress';
import { thisMachine } from '../local/toolchain/machine';
import { ensureOpa } from '../local/toolchain/opa';
import { exitWith } from './exit-with';

/** Checks the rules in `policies/plan` as strictly as OPA can, and runs their tests. */
const main = async (): Promise<number> => {
  const opa = await ensureOpa(thisMachine(), createProgress());
  const cwd = resolve(__dirname, '..');
  const rules = join('policies', 'plan');
  const capabilities = `--capabilities=${join(rules, 'capabilities.generated.json')}`;
  const steps = [
    ['check', '--strict', capabilities, '--ignore=*.json', rules],
    ['fmt', '--diff', '--fail', rules],
    ['test', '--fail-on-empty', capabilities, '--ignore=capabilities.generated.json', rules],
  ];
  for (const args of steps) {
    const { status } = spawnSync(opa, args, { cwd, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
  }
  return 0;
};

exitWith(main);
