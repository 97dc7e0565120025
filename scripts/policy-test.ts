import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ruleSet } from '../lambdas/approval-rules/rule-set';
import { environmentFile } from '../lambdas/runners/plan-policy';
import { settingsOf } from '../lambdas/runners/policy-settings';
import { createProgress } from '../local/progress';
import { thisMachine } from '../local/toolchain/machine';
import { ensureOpa } from '../local/toolchain/opa';
import { differencesOf, ruleCases, untriedRules } from './approval/rule-cases';
import { exitWith } from './exit-with';

const repository = resolve(__dirname, '..');
const rules = join('policies', 'plan');
const capabilities = `--capabilities=${join(rules, 'capabilities.generated.json')}`;
const notData = '--ignore=capabilities.generated.json';

/** The rules with the settings and the tests of one environment, as a folder of their own. */
const layEnvironment = (environment: string, folder: string): void => {
  const from = join(repository, rules);
  const own = join(from, 'environments', environment);
  for (const file of readdirSync(from).filter((name) => name.endsWith('.rego')))
    if (!file.endsWith('_test.rego') || file === 'fixture_test.rego')
      cpSync(join(from, file), join(folder, file));
  for (const file of readdirSync(own).filter((name) => name.endsWith('_test.rego')))
    cpSync(join(own, file), join(folder, file));
  const file = environmentFile(environment);
  const settings = settingsOf(file, readFileSync(join(from, 'data.json')), readFileSync(join(from, file)));
  writeFileSync(join(folder, 'data.json'), settings);
};

const readJson = (...path: string[]): unknown =>
  JSON.parse(readFileSync(join(repository, 'policies', ...path), 'utf8'));

/** Tries the rules in `policies/approval` on their cases, and says which rule no case is about. */
const tryApprovalRules = (): number => {
  const rules = ruleSet.parse(readJson('approval', 'rules.json'));
  const cases = ruleCases.parse(readJson('approval', 'cases.json'));
  const failed = [
    ...cases.cases.flatMap((one) => differencesOf(rules, one).map((text) => `${one.name}\n  ${text}`)),
    ...untriedRules(rules, cases).map((id) => `No case is about the rule ${id}.`),
  ];
  for (const text of failed) console.log(text);
  console.log(
    failed.length === 0 ? `APPROVAL: ${cases.cases.length} cases hold` : `APPROVAL: ${failed.length} failed`,
  );
  return failed.length === 0 ? 0 : 1;
};

/** Checks the rules in `policies/plan` as strictly as OPA can, and runs their tests; those of each environment too. Before that, the cases of `policies/approval`. */
const main = async (): Promise<number> => {
  const wrong = tryApprovalRules();
  if (wrong !== 0) return wrong;
  const opa = await ensureOpa(thisMachine(), createProgress());
  const call = (...args: string[]): number =>
    spawnSync(opa, args, { cwd: repository, stdio: 'inherit' }).status ?? 1;
  const all =
    call('check', '--strict', capabilities, '--ignore=*.json', rules) ||
    call('fmt', '--diff', '--fail', rules) ||
    call('test', '--fail-on-empty', capabilities, notData, '--ignore=environments', rules);
  if (all !== 0) return all;
  const environments = join(repository, rules, 'environments');
  for (const environment of existsSync(environments) ? readdirSync(environments) : []) {
    console.log(`Environment ${environment}:`);
    const folder = mkdtempSync(join(tmpdir(), 'policy-test-'));
    try {
      layEnvironment(environment, folder);
      const failed = call('test', '--fail-on-empty', capabilities, folder);
      if (failed !== 0) return failed;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return 0;
};

exitWith(main);
