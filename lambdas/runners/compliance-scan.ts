import * as z from 'zod';
import { type ComplianceDocument, complianceDocument } from '../shared/compliance-document';
import type { ComplianceResult } from '../shared/contract';
import { canonicalJson } from '../shared/digest';
import { AnsibleError, HostError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { resolveHosts } from './ansible-run';
import type { ComplianceTask } from './contract';
import { playRole } from './play';
import type { PlayEvent } from './play-events';
import { readRole } from './role-content';
import type { RunnerDeps, TaskContext } from './runner';

const auditRole = 'compliance-audit';
const reportName = 'compliance_audit_report';
const rule = complianceDocument.shape.hosts.element.shape.rules.element;
const reportedRules = z.array(z.looseObject({ ...rule.shape, title: z.string(), evidence: z.string() }));

/** The report that the audit's last task left for one host, as a fact or as shown. */
const reportOf = (events: readonly PlayEvent[], host: string): unknown => {
  for (const { event, event_data: data } of [...events].sort((a, b) => b.counter - a.counter)) {
    if (event !== 'runner_on_ok' || data?.host !== host) continue;
    const res = z
      .looseObject({ ansible_facts: z.record(z.string(), z.unknown()).optional() })
      .safeParse(data.res);
    const report = res.data?.ansible_facts?.[reportName] ?? res.data?.[reportName];
    if (report !== undefined) return report;
  }
  return undefined;
};

/** Audits the hosts of a workspace. A rule that fails is counted and reported; it is no error here. */
export const makeComplianceScan =
  (deps: RunnerDeps) =>
  async (task: ComplianceTask, context: TaskContext): Promise<ComplianceResult> => {
    const { run } = task;
    const role = await readRole(deps.contentRoot, auditRole);
    const { found, missing } = await resolveHosts(deps, run.workspace, task.hosts);
    const lost = missing[0];
    if (lost)
      throw new HostError(`The host ${lost.name} of ${run.workspace} does not answer and was not audited.`);
    const { events } =
      found.length === 0
        ? { events: [] }
        : await playRole(
            deps,
            { role, variables: {}, workspace: run.workspace, hosts: found, check: false },
            context,
          );
    const { mask } = context.log;
    const hosts = found.map(({ name }): ComplianceDocument['hosts'][number] => {
      const report = reportedRules.safeParse(reportOf(events, name));
      if (!report.success) throw new AnsibleError(`The audit of ${name} left no report that can be read.`);
      return {
        name,
        rules: report.data.map(({ id, title, severity, status, evidence }) => ({
          id,
          title: plainText(mask(title), 200),
          severity,
          status,
          evidence: plainText(mask(evidence), 900),
        })),
      };
    });
    const document: ComplianceDocument = complianceDocument.parse({
      version: 1,
      runId: run.runId,
      workspace: run.workspace,
      scannedAt: deps.now().toISOString(),
      hosts,
    });
    const count = (status: string): number =>
      hosts.reduce((sum, { rules }) => sum + rules.filter((found) => found.status === status).length, 0);
    return {
      document: await deps.artifacts.put(
        `runs/${run.runId}/compliance.json`,
        canonicalJson(document),
        'application/json',
      ),
      passed: count('pass'),
      failed: count('fail'),
      notApplicable: count('not-applicable'),
    };
  };
