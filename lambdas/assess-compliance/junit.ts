import { raw } from 'hono/html';
import { html } from '../approval-pages/html';
import type { ComplianceReport, ReportedResult } from '../shared/compliance-report';

const reasonOf = ({ status, waiver, evidence }: ReportedResult): string =>
  status === 'waived' && waiver
    ? `Waived by ${waiver.owner} until ${waiver.until}: ${waiver.reason}`
    : evidence;

const verdictOf = (result: ReportedResult) => {
  if (result.status === 'fail')
    return html`<failure type="${result.severity}" message="${result.evidence}">${result.rationale}</failure>`;
  return result.status === 'pass' ? '' : html`<skipped message="${reasonOf(result)}"/>`;
};

const suiteOf = (one: ReportedResult): string => `${one.in} ${one.what}`;

/** The report as continuous integration reads it: a suite for each thing that was looked at, a case for each rule. */
export const junitOf = ({ workspace, checkedAt, results }: ComplianceReport): string => {
  const names = new Set(results.map(suiteOf));
  const suites = [...names].map((name) => [name, results.filter((one) => suiteOf(one) === name)] as const);
  const counts = (of: readonly ReportedResult[]) => {
    const failed = of.filter(({ status }) => status === 'fail').length;
    const skipped = of.filter(({ status }) => status !== 'fail' && status !== 'pass').length;
    return { failed, skipped };
  };
  const all = counts(results);
  const body = html`<testsuites name="${workspace}" tests="${results.length}" failures="${all.failed}" skipped="${all.skipped}">${suites.map(
    ([name, cases]) => {
      const { failed, skipped } = counts(cases);
      return html`<testsuite name="${name}" timestamp="${checkedAt.slice(0, 19)}" tests="${cases.length}" failures="${failed}" errors="0" skipped="${skipped}">${cases.map(
        (one) =>
          html`<testcase classname="${name}" name="${one.id}: ${one.title}">${verdictOf(one)}</testcase>`,
      )}</testsuite>`;
    },
  )}</testsuites>`;
  return `${raw('<?xml version="1.0" encoding="UTF-8"?>')}\n${body}\n`;
};
