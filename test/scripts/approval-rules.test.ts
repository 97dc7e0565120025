import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RuleSet, ruleSet } from '../../lambdas/approval-rules/rule-set';
import { approvalRules } from '../../lambdas/approval-rules/rules-of-this-release';
import casesFile from '../../policies/approval/cases.json';
import { approvalDecisionsPage } from '../../scripts/approval/decisions-page';
import { differencesOf, ruleCases, untriedRules } from '../../scripts/approval/rule-cases';

const cases = ruleCases.parse(casesFile);
const without = (id: string): RuleSet => ({
  ...approvalRules,
  rules: approvalRules.rules.filter((rule) => rule.id !== id),
});
const allDifferences = (rules: RuleSet): string[] => cases.cases.flatMap((one) => differencesOf(rules, one));

test.each(cases.cases)('$name', (one) => expect(differencesOf(approvalRules, one)).toEqual([]));

test('every rule has a case', () => expect(untriedRules(approvalRules, cases)).toEqual([]));

test('a rule that no case is about is named', () => {
  const extra = ruleSet.parse({
    ...approvalRules,
    rules: [
      ...approvalRules.rules,
      { id: 'extra', why: 'Nobody thought of it.', when: { workflows: ['x'] } },
    ],
  });
  expect(untriedRules(extra, cases)).toEqual(['extra']);
});

test.each(approvalRules.rules.map(({ id }) => id))('a case fails when the rule %s is taken away', (id) => {
  expect(allDifferences(without(id))).not.toEqual([]);
});

test('a difference says what the case says and what the rules come to', () => {
  const [first] = cases.cases;
  if (!first) throw new Error('no case');
  expect(differencesOf(approvalRules, { ...first, outcome: 'pending', mayAsk: ['auditor'] })).toEqual([
    'auditor may ask: the case says true, the rules come to false',
    'outcome of the answers: the case says "pending", the rules come to "approved"',
  ]);
});

test.each([
  ['an unknown field', { ...casesFile.cases[0], groups: [] }],
  ['answers without an outcome', { ...casesFile.cases[0], outcome: undefined }],
  [
    'a danger that is none',
    { ...casesFile.cases[0], facts: { ...casesFile.cases[0]?.facts, dangers: ['x'] } },
  ],
])('refuses a case with %s', (_, one) => {
  expect(ruleCases.safeParse({ version: 1, cases: [one] }).success).toBe(false);
});

test('the published page is what the rules come to', () => {
  const page = readFileSync(join(__dirname, '../../docs/approval-decisions.md'), 'utf8');
  expect(page).toBe(approvalDecisionsPage(approvalRules));
});

test('the page tells environments, workspaces, costs and dangers apart as far as rules do', () => {
  const [base] = approvalRules.rules;
  const page = approvalDecisionsPage(
    ruleSet.parse({
      version: 1,
      rules: [
        base,
        {
          id: 'dear',
          why: 'What is dear is seen by three people.',
          when: { workspaces: ['shop/*'], addedCostAbove: 500 },
          approvals: [{ people: 3, from: ['approver'] }],
        },
      ],
    }),
  );
  const rows = page.split('\n').filter((line) => line.includes('3 of approver'));
  expect(rows).toEqual([
    expect.stringMatching(/^\| `shop\/\*` \| adds more than \$500 a month, or nobody knows \|/),
  ]);
  expect(page).not.toContain('| environment |');
  expect(page).toContain('Nobody may break the glass');
});
