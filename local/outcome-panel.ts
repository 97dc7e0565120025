import type { RunReport } from '../cli/run-report';
import type { ComplianceResult } from '../lambdas/shared/contract';

const titles: Readonly<Record<RunReport['outcome'], string>> = {
  applied: '✔ Applied',
  unchanged: '✔ Unchanged: the hosts are as they should be',
  rejected: '✔ Rejected: nothing was touched',
  expired: '✔ Expired without a decision: nothing was touched',
  clean: '✔ Clean: everything is as it should be',
  drifted: '✔ Drifted: something differs from what was applied',
  noncompliant: '✔ Not compliant: rules are not kept',
  previewed: '✔ Previewed: nothing was touched',
  skipped: '✔ Skipped: another run had the workspace',
  failed: '✖ Failed',
};

export interface PanelFacts {
  readonly report: RunReport;
  /** The workspace's hosts that answer. */
  readonly hosts: readonly { readonly name: string; readonly ssh: string; readonly service: string | null }[];
  readonly executionArn: string;
  readonly inboxUrl: string;
  /** Where the compliance report lies, when the run made one. */
  readonly complianceReport: string | null;
}

/** What a person wants to know when a run has ended, line by line. */
export const outcomePanel = (facts: PanelFacts): readonly string[] => {
  const { report } = facts;
  const rows: Array<readonly [label: string, text: string]> = [];
  if (report.error) rows.push(['why', `${report.error.message} (${report.error.code})`]);
  if (report.change) rows.push(['change', describeChange(report.change, report.outcome === 'applied')]);
  if (report.compensation) {
    const { kind, outcome, message } = report.compensation;
    rows.push(['after', `${kind}: ${outcome}${message === null ? '' : `. ${message}`}`]);
  }
  if (report.drift && report.drift.total > 0) rows.push(['drift', describeDrift(report.drift)]);
  if (report.rotation) rows.push(['rotated', describeRotation(report.rotation)]);
  if (report.compliance) rows.push(['rules', describeCompliance(report.compliance)]);
  for (const host of facts.hosts) {
    rows.push([host.name, host.ssh]);
    if (host.service) rows.push(['', `curl ${host.service}`]);
  }
  if (facts.complianceReport) rows.push(['report', facts.complianceReport]);
  rows.push(['mail', facts.inboxUrl], ['run', facts.executionArn]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return [titleOf(report), ...rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)];
};

const describeDrift = ({ counts, since, new: fresh, document }: NonNullable<RunReport['drift']>): string =>
  `${counts.state} in the world, ${counts.configuration} against the configuration, ${counts.host} on hosts; ` +
  `${fresh} new, the oldest since ${since}; s3://${document.bucket}/${document.key}`;

const describeRotation = (of: NonNullable<RunReport['rotation']>): string =>
  `${of.completed + of.draining} of ${of.credentials} (${of.draining} still in their overlap), ${of.notDue} not due, ${of.failed} failed`;

const describeCompliance = ({ passed, failed, waived, check }: ComplianceResult): string =>
  `${passed} kept, ${failed} not kept, ${waived} waived${check ? `; ${check.new} new; score ${check.score ?? 'none'}, before ${check.before ?? 'none'}; s3://${check.page.bucket}/${check.page.key}` : ''}`;

const describeChange = (change: NonNullable<RunReport['change']>, done: boolean): string => {
  const { add, change: update, destroy, playbookChanged } = change;
  return done
    ? `${add} added, ${update} changed, ${destroy} destroyed; playbook: ${playbookChanged} changed`
    : `${add} to add, ${update} to change, ${destroy} to destroy; playbook: ${playbookChanged} to change`;
};

/** A block that only reads has no change to tell, and says nothing about hosts. */
const titleOf = ({ outcome, change }: RunReport): string =>
  outcome === 'unchanged' && !change ? '✔ Done: nothing was touched' : titles[outcome];
