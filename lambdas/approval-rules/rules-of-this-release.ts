import rules from '../../policies/approval/rules.json';
import { ruleSet } from './rule-set';

/** The rules in `policies/approval/rules.json`, as they were when this was built. */
export const approvalRules = ruleSet.parse(rules);
