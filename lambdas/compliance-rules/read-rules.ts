import { parse } from 'yaml';
import * as z from 'zod';
import { describeIssues } from '../shared/define-step';
import { BrokenRulesError } from '../shared/errors';
import { type Rule, rule } from './rule';

const isRuleFile = (path: string): boolean => path.startsWith('rules/') && path.endsWith('.yml');

const listIn = (file: string, text: string): readonly unknown[] => {
  let read: unknown;
  try {
    read = parse(text);
  } catch (error) {
    throw new BrokenRulesError(`${file} is no YAML: ${error instanceof Error ? error.message : error}`);
  }
  const listed = z.array(z.unknown()).safeParse(read);
  if (!listed.success)
    throw new BrokenRulesError(`${file} is not a list of rules. Begin each rule with "- id:".`);
  return listed.data;
};

const nameOf = (given: unknown, index: number): string =>
  z.looseObject({ id: z.string().max(64) }).safeParse(given).data?.id ?? `number ${index + 1}`;

/**
 * The rules of a role, in the order of its files.
 *
 * @param files the role's files, by their paths
 * @throws BrokenRulesError naming file, rule and reason: before any is checked
 */
export const readRules = (files: ReadonlyMap<string, Buffer | string>): readonly Rule[] => {
  const rules = new Map<string, Rule>();
  for (const [file, text] of [...files].filter(([path]) => isRuleFile(path)).sort())
    for (const [index, given] of listIn(file, String(text)).entries()) {
      const refuse = (why: string) =>
        new BrokenRulesError(`${file}, rule ${nameOf(given, index)}: ${why} Nothing was checked.`);
      const read = rule.safeParse(given);
      if (!read.success) throw refuse(describeIssues(read.error));
      if (rules.has(read.data.id)) throw refuse('its id is taken.');
      rules.set(read.data.id, read.data);
    }
  return [...rules.values()];
};
