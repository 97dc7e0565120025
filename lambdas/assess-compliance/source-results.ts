import type { ModuleScans, ScannedCheck } from '../compliance-rules/module-scan';
import type { PlanResult } from '../shared/contract';
import { plainText } from '../shared/plain-text';

/** A result before waivers, and before anybody looked when it was first seen. */
export interface FoundResult {
  readonly in: 'host' | 'module' | 'plan';
  readonly what: string;
  readonly id: string;
  readonly title: string;
  readonly severity: 'low' | 'medium' | 'high';
  readonly rationale: string;
  readonly reference: string | null;
  readonly status: 'pass' | 'fail' | 'not-applicable';
  readonly evidence: string;
}

export interface SourceResults {
  readonly results: readonly FoundResult[];
  /** What could not be looked at, and why. */
  readonly remarks: readonly string[];
}

const scannedResult = (module: string, check: ScannedCheck): FoundResult => {
  const { id, failed, accepted, passed } = check;
  const said = [
    ...(failed.length > 0 ? [`Fails for ${failed.join(', ')}.`] : []),
    ...(passed > 0 ? [`Passes for ${passed === 1 ? 'one resource' : `${passed} resources`}.`] : []),
    ...accepted.map(({ resource, reason }) => `Left out for ${resource}: ${reason}`),
  ];
  return {
    in: 'module',
    what: module,
    id,
    title: plainText(check.title, 200),
    // Checkov tells a severity only to its paying users.
    severity: 'medium',
    rationale: 'Found in the source, whatever the variables: every workspace that uses the module has it.',
    reference: plainText(check.guideline ?? `Checkov ${id}`, 200),
    status: failed.length > 0 ? 'fail' : passed > 0 ? 'pass' : 'not-applicable',
    evidence: plainText(said.join(' '), 900),
  };
};

/** What Checkov said of the very content that was applied. */
export const moduleResults = (
  { module, digests, content }: Pick<PlanResult, 'module' | 'digests' | 'content'>,
  scans: ModuleScans,
): SourceResults => {
  const scan = Object.hasOwn(scans.modules, module) ? scans.modules[module] : undefined;
  if (scan?.digest !== digests.module)
    return {
      results: [],
      remarks: [
        `The source of the module ${module} was not scanned: ${content.from === 'kept' ? 'the workspace is pinned to an earlier content of it' : 'it is not the one that the catalogue has'} (${digests.module.slice(0, 12)}). An upgrade to the catalogue's brings one that was.`,
      ],
    };
  return {
    results: scan.checks.map((check) => scannedResult(module, check)),
    remarks:
      scan.checks.length > 0
        ? []
        : [`Checkov ${scans.scanner} has no check for the resources of the module ${module}.`],
  };
};

/** What the policy on plans says of the plan of what was applied. */
export const planResults = ({ policy }: Pick<PlanResult, 'policy'>): SourceResults => {
  const results = policy.reasons.map(
    ({ rule, address, message }): FoundResult => ({
      in: 'plan',
      what: address === '' ? 'the whole plan' : address,
      id: `plan-${rule}`,
      title: plainText(message, 200),
      severity: 'medium',
      rationale: 'The policy on plans lets such a change through its stricter gate only.',
      reference: `policies/plan, rule ${rule}`,
      status: 'fail',
      evidence: plainText(message, 900),
    }),
  );
  const nothing: FoundResult = {
    in: 'plan',
    what: 'the whole plan',
    id: 'plan-policy',
    title: 'The policy on plans has nothing against what was applied',
    severity: 'medium',
    rationale: 'A rule that came after the last apply is kept by nobody until somebody looks.',
    reference: 'policies/plan',
    status: 'pass',
    evidence: 'Every rule was asked about the plan of what was applied.',
  };
  return {
    results: results.length > 0 ? results : [nothing],
    remarks:
      policy.total > results.length
        ? [`The policy on plans has ${policy.total} reasons; the gravest ${results.length} are shown.`]
        : [],
  };
};
