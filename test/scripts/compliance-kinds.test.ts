import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rule } from '../../lambdas/compliance-rules/rule';

const root = join(__dirname, '../..');

test('each kind of check passes on what it wants and fails on what it does not', () => {
  const file = join(root, 'test/support/python/compliance_rules_test.py');
  expect(() =>
    execFileSync('python3', ['-B', file], { stdio: 'pipe', encoding: 'utf8', timeout: 60_000 }),
  ).not.toThrow();
}, 60_000);

test('the contract of rules knows the kinds that the role has, and no other', () => {
  const role = readFileSync(
    join(root, 'ansible/roles/compliance-audit/module_utils/compliance_checks.py'),
    'utf8',
  );
  const inRole = [...role.matchAll(/^@kind\("([a-z-]+)"\)$/gm)].map(([, name]) => name);
  const inContract = rule.shape.check.options.map(({ shape }) => shape.kind.value);
  expect([...inRole].sort()).toEqual([...inContract].sort());
});
