import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRules } from '../lambdas/compliance-rules/read-rules';
import type { Rule } from '../lambdas/compliance-rules/rule';

const role = 'ansible/roles/compliance-audit';

/** The rules of hosts, as they stand in the role. */
export const hostRules = (root: string): readonly Rule[] =>
  readRules(
    new Map(
      readdirSync(join(root, role, 'rules')).map((file) => [
        `rules/${file}`,
        readFileSync(join(root, role, 'rules', file)),
      ]),
    ),
  );

const marks = ['<!-- rules -->', '<!-- /rules -->'] as const;

/** The page with a table of the rules between its marks. */
export const withRulesTable = (page: string, rules: readonly Rule[]): string => {
  const [before, rest] = page.split(`${marks[0]}\n`);
  const after = rest?.split(marks[1])[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/compliance-check.md has no place for the rules: ${marks.join(' … ')}.`);
  const rows = rules.map(
    ({ id, title, severity, rationale, reference }) =>
      `| \`${id}\` | ${title} | ${severity} | ${rationale} | ${reference ?? ''} |`,
  );
  const head = ['| id | rule | severity | why | follows |', '| --- | --- | --- | --- | --- |'];
  return `${before}${marks[0]}\n${[...head, ...rows].join('\n')}\n${marks[1]}${after}`;
};
