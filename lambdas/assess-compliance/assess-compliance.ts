import type { ModuleScans } from '../compliance-rules/module-scan';
import { type Waiver, waiverFor, withWaiver } from '../compliance-rules/waiver';
import type { Artifacts } from '../runners/artifacts';
import { complianceDocument } from '../shared/compliance-document';
import type { ComplianceCheck, ComplianceReport, ReportedResult } from '../shared/compliance-report';
import type { ComplianceResult, ObjectRef } from '../shared/contract';
import { canonicalJson, digestOf } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { ReadArtifact } from '../shared/read-artifact';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { AssessComplianceInput } from './contract';
import { junitOf } from './junit';
import { reportPage } from './report-page';
import { moduleResults, planResults } from './source-results';

interface Deps {
  readonly readArtifact: ReadArtifact;
  readonly artifacts: Pick<Artifacts, 'put'>;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'setCompliance'>;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly waivers: readonly Waiver[];
  readonly scans: ModuleScans;
}

/** So many checks of one workspace are remembered, and so many first sightings: what one record holds. */
const rememberedChecks = 60;
const rememberedFailures = 2000;

type Standing = Omit<ReportedResult, 'key' | 'since'>;

const onHosts = async (
  readArtifact: ReadArtifact,
  scan: ComplianceResult | null,
): Promise<readonly Standing[]> =>
  scan === null
    ? []
    : (await readArtifact(scan.document, complianceDocument)).hosts.flatMap(({ name, rules }) =>
        rules.map((rule) => ({ ...rule, in: 'host' as const, what: name })),
      );

const count = (
  results: readonly Pick<ReportedResult, 'status'>[],
  status: ReportedResult['status'],
): number => results.filter((one) => one.status === status).length;

/** Percent of what applies that passes. What is waived applies, too. */
const scoreOf = (results: readonly ReportedResult[]): number | null => {
  const applicable = results.length - count(results, 'not-applicable');
  return applicable === 0 ? null : Math.floor((100 * count(results, 'pass')) / applicable);
};

/** Says how a workspace stands with all rules, since when each fails, and where it is going. */
export const makeAssessCompliance =
  (deps: Deps) =>
  async ({ run, at, plan, scan }: AssessComplianceInput): Promise<ComplianceResult> => {
    const { workspace, runId } = run;
    const known = (await deps.workspaces.get(workspace))?.compliance;
    const sources = [moduleResults(plan, deps.scans), planResults(plan)];
    const standing: readonly Standing[] = [
      ...(await onHosts(deps.readArtifact, scan)),
      ...sources
        .flatMap(({ results }) => results)
        .map((found) => withWaiver(found, waiverFor(deps.waivers, { rule: found.id, workspace, at }))),
    ];
    const results = standing.map((one): ReportedResult => {
      const key = digestOf({ in: one.in, what: one.what, id: one.id }).slice(0, 16);
      return { ...one, key, since: one.status === 'fail' ? (known?.since[key] ?? at) : null };
    });
    const failing = results.filter(({ status }) => status === 'fail');
    const score = scoreOf(results);
    // A retried call finds its own check remembered.
    const before = (known?.checks ?? []).filter((check) => check.runId !== runId);
    const check: ComplianceCheck = {
      runId,
      at,
      score,
      failed: failing.length,
      waived: count(results, 'waived'),
    };
    const trend = [...before, check].slice(-rememberedChecks);
    const report: ComplianceReport = {
      version: 1,
      runId,
      workspace,
      checkedAt: at,
      score,
      results,
      remarks: [
        ...(scan === null ? ['There is no host to look at.'] : []),
        ...sources.flatMap(({ remarks }) => remarks),
      ],
      trend,
      scan: scan?.document ?? null,
      plan: plan.document,
    };
    const put = (name: string, body: string, type: string): Promise<ObjectRef> =>
      deps.artifacts.put(`runs/${runId}/compliance-report.${name}`, body, type);
    const document = await put('json', canonicalJson(report), 'application/json');
    const result: ComplianceResult = {
      document,
      passed: count(results, 'pass'),
      failed: failing.length,
      waived: check.waived,
      notApplicable: count(results, 'not-applicable'),
      check: {
        new: failing.filter(({ since }) => since === at).length,
        since: failing.map(({ since }) => since ?? at).sort()[0] ?? null,
        score,
        before: before.at(-1)?.score ?? null,
        page: await put('html', reportPage(report), 'text/html; charset=utf-8'),
        junit: await put('junit.xml', junitOf(report), 'application/xml'),
      },
    };
    await deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `compliance.checked:${runId}`,
      type: 'compliance.checked',
      runId,
      actor: 'assess-compliance',
      at,
      traceparent: run.traceparent,
      data: {
        workspace,
        score,
        failed: result.failed,
        waived: result.waived,
        new: result.check?.new ?? 0,
        document: document.sha256,
      },
    });
    await deps.workspaces.setCompliance(workspace, {
      since: Object.fromEntries(
        failing.slice(0, rememberedFailures).map(({ key, since }) => [key, since ?? at]),
      ),
      checks: trend,
    });
    return result;
  };
