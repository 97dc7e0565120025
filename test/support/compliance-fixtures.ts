import type { ComplianceDocument } from '../../lambdas/shared/compliance-document';
import type { ComplianceReport, ReportedResult } from '../../lambdas/shared/compliance-report';
import { aPlan } from './change-fixtures';

type FoundRule = ComplianceDocument['hosts'][number]['rules'][number];

/** Three days on which one looks. */
export const days = [
  '2026-01-01T00:00:00.000Z',
  '2026-01-02T00:00:00.000Z',
  '2026-01-03T00:00:00.000Z',
] as const;

export const aFoundRule = (given: Partial<FoundRule> = {}): FoundRule => ({
  id: 'ssh-root-login',
  title: 'Root cannot sign in over SSH',
  severity: 'medium',
  rationale: 'A shared account leaves no trace of the person behind it.',
  reference: 'CIS Debian Linux 12 Benchmark v1.1.0, 5.1.20',
  status: 'pass',
  evidence: "sshd's effective permitrootlogin is no.",
  waiver: null,
  ...given,
});

export const aReportedResult = (given: Partial<ReportedResult> = {}): ReportedResult => ({
  ...aFoundRule(),
  key: '0123456789abcdef',
  in: 'host',
  what: 'web-01',
  since: null,
  ...given,
});

export const aReport = (given: Partial<ComplianceReport> = {}): ComplianceReport => ({
  version: 1,
  runId: 'run-01',
  workspace: 'demo/web-01',
  checkedAt: days[0],
  score: 90,
  results: [aReportedResult()],
  remarks: [],
  trend: [],
  scan: null,
  plan: aPlan.document,
  ...given,
});
