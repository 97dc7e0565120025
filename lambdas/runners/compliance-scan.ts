import * as z from 'zod';
import { readRules } from '../compliance-rules/read-rules';
import { type Waiver, waiverFor, withWaiver } from '../compliance-rules/waiver';
import { waiversOfThisRelease } from '../compliance-rules/waivers-of-this-release';
import { auditedRule, type ComplianceDocument, complianceDocument } from '../shared/compliance-document';
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

/**
 * Audits the hosts of a workspace. A rule that fails is counted and reported; it is no error here. One that is waived
 * does not count as failed.
 */
export const makeComplianceScan =
  (deps: RunnerDeps, waivers: readonly Waiver[] = waiversOfThisRelease) =>
  async (task: ComplianceTask, context: TaskContext): Promise<ComplianceResult> => {
    const { run } = task;
    const role = await readRole(deps.contentRoot, auditRole);
    for (const { name, files } of role.roles) if (name === auditRole) readRules(files);
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
    const scannedAt = deps.now().toISOString();
    const shown = (value: string, limit: number): string => plainText(mask(value), limit);
    const hosts = found.map(({ name }): ComplianceDocument['hosts'][number] => {
      const report = z.array(auditedRule).safeParse(reportOf(events, name));
      if (!report.success) throw new AnsibleError(`The audit of ${name} left no report that can be read.`);
      return {
        name,
        rules: report.data.map((found) =>
          withWaiver(
            {
              ...found,
              title: shown(found.title, 200),
              rationale: shown(found.rationale, 900),
              reference: found.reference ? shown(found.reference, 200) : null,
              evidence: shown(found.evidence, 900),
            },
            waiverFor(waivers, { rule: found.id, workspace: run.workspace, at: scannedAt }),
          ),
        ),
      };
    });
    const document: ComplianceDocument = complianceDocument.parse({
      version: 2,
      runId: run.runId,
      workspace: run.workspace,
      scannedAt,
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
      waived: count('waived'),
      notApplicable: count('not-applicable'),
    };
  };
