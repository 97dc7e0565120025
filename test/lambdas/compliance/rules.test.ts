import { join } from 'node:path';
import { stringify } from 'yaml';
import { readRules } from '../../../lambdas/compliance-rules/read-rules';
import { scansOfThisRelease } from '../../../lambdas/compliance-rules/scans-of-this-release';
import { waiversOfThisRelease } from '../../../lambdas/compliance-rules/waivers-of-this-release';
import { BrokenRulesError } from '../../../lambdas/shared/errors';
import { hostRules, withRulesTable } from '../../../scripts/compliance-rules-table';

const root = join(__dirname, '../../..');
const aRule = (given: object = {}) => ({
  id: 'ssh-root-login',
  title: 'Root cannot sign in over SSH',
  severity: 'high',
  rationale: 'A shared account leaves no trace.',
  check: { kind: 'sshd-values', settings: { permitrootlogin: ['no'] } },
  ...given,
});
const file = (...rules: object[]) => new Map([['rules/ssh.yml', stringify(rules)]]);

test('reads what fits, and leaves other files alone', () => {
  const files = new Map([...file(aRule()), ['tasks/main.yml', 'no: rules'], ['rules/README', '{']]);
  expect(readRules(files)).toEqual([aRule()]);
});

test.each([
  ['an unknown kind', aRule({ check: { kind: 'guess' } }), 'ssh-root-login'],
  ['a missing field', aRule({ rationale: undefined }), 'rationale'],
  ['an unknown field', aRule({ references: [] }), 'references'],
  ['a severity of its own', aRule({ severity: 'critical' }), 'severity'],
  ['no id', aRule({ id: undefined }), 'number 1'],
  ['an id with a path', aRule({ id: '../ssh' }), 'id'],
  [
    'a boolean, which YAML makes of a no without quotes elsewhere',
    aRule({ check: { kind: 'sshd-values', settings: { permitrootlogin: [false] } } }),
    'settings',
  ],
  ['no setting', aRule({ check: { kind: 'sshd-values', settings: {} } }), 'settings'],
  [
    'a mode that is a number',
    aRule({ check: { kind: 'file-access', paths: ['/etc/shadow'], mode: 640 } }),
    'mode',
  ],
  ['a path that is not absolute', aRule({ check: { kind: 'written-sysctl', path: 'etc/sysctl.d' } }), 'path'],
  ['a parameter of another kind', aRule({ check: { kind: 'sysctl', settings: {} } }), 'values'],
])('refuses %s with file, rule and reason', (_, rule, reason) => {
  expect(() => readRules(file(rule))).toThrow(BrokenRulesError);
  expect(() => readRules(file(rule))).toThrow(/^rules\/ssh\.yml, rule /);
  expect(() => readRules(file(rule))).toThrow(reason);
});

test('refuses an id that another file has', () => {
  const files = new Map([...file(aRule()), ['rules/tls.yml', stringify([aRule()])]]);
  expect(() => readRules(files)).toThrow('rules/tls.yml, rule ssh-root-login: its id is taken.');
});

test.each([
  ['no YAML', '- id: [', 'rules/ssh.yml is no YAML'],
  ['no list', 'id: ssh', 'rules/ssh.yml is not a list of rules'],
  ['a document that refers to itself', '&a [*a]', 'rules/ssh.yml'],
])('refuses a file with %s', (_, text, reason) => {
  expect(() => readRules(new Map([['rules/ssh.yml', text]]))).toThrow(reason);
});

const rules = hostRules(root);

test('the rules of the role fit, and keep the ids that they had', () => {
  expect(rules.length).toBeGreaterThanOrEqual(40);
  expect(rules.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'accounts-empty-passwords',
      'accounts-root-locked',
      'audit-rules',
      'files-protected',
      'kernel-settings',
      'service-confined',
      'service-healthy',
      'service-release',
      'ssh-algorithms',
      'ssh-attempts',
      'ssh-passwords',
      'ssh-root-login',
      'upgrades-configured',
      'upgrades-timer',
    ]),
  );
});

test('every waiver is of a rule that there is', () => {
  const known = new Set([
    ...rules.map(({ id }) => id),
    ...Object.values(scansOfThisRelease.modules).flatMap(({ checks }) => checks.map(({ id }) => id)),
  ]);
  const unknown = waiversOfThisRelease.filter(({ rule }) => !rule.startsWith('plan-') && !known.has(rule));
  expect(unknown).toEqual([]);
});

test('the table names every rule, and a page without a place for it is refused', () => {
  const page = withRulesTable('a\n<!-- rules -->\nOUTDATED\n<!-- /rules -->\nz\n', rules);
  for (const { id } of rules) expect(page).toContain(`| \`${id}\` |`);
  expect(page).not.toContain('OUTDATED');
  expect(withRulesTable(page, rules)).toBe(page);
  expect(() => withRulesTable('no place', rules)).toThrow('has no place for the rules');
});
