import { makeAssessCompliance } from '../../../lambdas/assess-compliance/assess-compliance';
import type { ModuleScans } from '../../../lambdas/compliance-rules/module-scan';
import type { Waiver } from '../../../lambdas/compliance-rules/waiver';
import type { ComplianceDocument } from '../../../lambdas/shared/compliance-document';
import { complianceReport } from '../../../lambdas/shared/compliance-report';
import type { ComplianceResult, ObjectRef, PlanResult } from '../../../lambdas/shared/contract';
import { sha256Hex } from '../../../lambdas/shared/digest';
import { aPlan, aRun } from '../../support/change-fixtures';
import { aFoundRule, days } from '../../support/compliance-fixtures';
import { inMemoryWorkspaceStore } from '../../support/in-memory-workspace-store';
import { recordingLedger } from '../../support/recording-ledger';

const [first, second, third] = days;

const scansOf = (...checks: ModuleScans['modules'][string]['checks']): ModuleScans => ({
  version: 1,
  scanner: '3.3.30',
  modules: { [aPlan.module]: { digest: aPlan.digests.module, checks } },
});
const aCheck = {
  id: 'CKV_AWS_24',
  title: 'No SSH from everywhere',
  guideline: null,
  passed: 0,
  failed: [] as string[],
  accepted: [] as { resource: string; reason: string }[],
};

const prepare = (given: { waivers?: Waiver[]; scans?: ModuleScans } = {}) => {
  const objects = new Map<string, string>();
  const ref = (key: string): ObjectRef => ({ ...aPlan.document, key });
  const workspaces = inMemoryWorkspaceStore();
  const ledger = recordingLedger();
  const assess = makeAssessCompliance({
    readArtifact: async ({ key }, schema) => schema.parse(JSON.parse(objects.get(key) ?? '')),
    artifacts: {
      put: async (key, body) => {
        objects.set(key, String(body));
        return { ...ref(key), sha256: sha256Hex(body) };
      },
    },
    workspaces,
    ledger,
    waivers: given.waivers ?? [],
    scans: given.scans ?? scansOf({ ...aCheck, passed: 1 }),
  });
  const check = (
    at: string,
    rules: ComplianceDocument['hosts'][number]['rules'] | null,
    plan: Partial<PlanResult> = {},
  ): Promise<ComplianceResult> => {
    const scan = { document: ref('scan'), passed: 0, failed: 0, waived: 0, notApplicable: 0 };
    objects.set(
      'scan',
      JSON.stringify({
        version: 2,
        runId: 'r',
        workspace: aRun.workspace,
        scannedAt: at,
        hosts: [{ name: 'web-01', rules: rules ?? [] }],
      } satisfies ComplianceDocument),
    );
    return assess({
      run: { ...aRun, runId: `run-${at.slice(8, 10)}` },
      at,
      plan: { ...aPlan, ...plan },
      scan: rules && scan,
    });
  };
  const report = (runId: string) =>
    complianceReport.parse(JSON.parse(objects.get(`runs/${runId}/compliance-report.json`) ?? ''));
  return { objects, workspaces, ledger, check, report };
};

const kept = aFoundRule({ id: 'ssh-log' });
const broken = aFoundRule({ id: 'ssh-root-login', status: 'fail', severity: 'high' });

test('counts hosts, module and plan together, and tells the ledger', async () => {
  const { check, report, ledger } = prepare();
  const result = await check(first, [kept, broken, aFoundRule({ id: 'x', status: 'not-applicable' })]);
  expect(result).toMatchObject({
    passed: 3,
    failed: 1,
    waived: 0,
    notApplicable: 1,
    check: { new: 1, since: first, score: 75, before: null },
  });
  expect(report('run-01').results.map((one) => [one.in, one.what, one.id, one.status])).toEqual([
    ['host', 'web-01', 'ssh-log', 'pass'],
    ['host', 'web-01', 'ssh-root-login', 'fail'],
    ['host', 'web-01', 'x', 'not-applicable'],
    ['module', aPlan.module, 'CKV_AWS_24', 'pass'],
    ['plan', 'the whole plan', 'plan-policy', 'pass'],
  ]);
  expect(ledger.events).toMatchObject([
    { type: 'compliance.checked', data: { score: 75, failed: 1, waived: 0, new: 1 } },
  ]);
});

test('a failure keeps the time of its first sighting, is new once, and is forgotten when it is gone', async () => {
  const { check } = prepare();
  await check(first, [broken]);
  expect(await check(second, [broken])).toMatchObject({ check: { new: 0, since: first } });
  expect(await check(third, [{ ...broken, status: 'pass' }])).toMatchObject({
    failed: 0,
    check: { new: 0, since: null },
  });
  expect(await check('2026-01-04T00:00:00.000Z', [broken])).toMatchObject({ check: { new: 1 } });
});

test('the trend says where it is going, and remembers so many checks only', async () => {
  const { check, report, workspaces } = prepare();
  await check(first, [kept, broken]);
  expect(await check(second, [kept, kept])).toMatchObject({ check: { score: 100, before: 75 } });
  expect(report('run-02').trend.map(({ score }) => score)).toEqual([75, 100]);
  for (let minute = 0; minute < 70; minute += 1)
    await check(new Date(Date.parse(third) + minute * 86_400_000).toISOString(), [kept]);
  expect(workspaces.workspaces.get(aRun.workspace)?.compliance?.checks.length).toBeLessThanOrEqual(60);
});

test('a retried step says the same, tells the ledger once, and is one check of the trend', async () => {
  const { check, ledger, report } = prepare();
  const once = await check(first, [broken]);
  expect(await check(first, [broken])).toEqual(once);
  expect(ledger.events).toHaveLength(1);
  expect(report('run-01').trend).toHaveLength(1);
});

test('a waiver neither fails nor raises the score, on a module and on a plan as on a host', async () => {
  const waived = (rule: string): Waiver => ({
    rule,
    workspace: 'demo/*',
    owner: 'platform-team',
    reason: 'Until the network is moved.',
    from: '2026-01-01',
    until: '2026-01-02',
  });
  const reason = {
    rule: 'public-network',
    address: 'aws_lb.web',
    message: 'It is reachable by everybody.',
    verdict: 'stricter-gate' as const,
  };
  const policy = { ...aPlan.policy, verdict: 'stricter-gate' as const, reasons: [reason], total: 1 };
  const { check, report } = prepare({
    waivers: [waived('CKV_AWS_24'), waived('plan-public-network')],
    scans: scansOf({ ...aCheck, failed: ['aws_security_group.this'] }),
  });
  expect(await check(first, [kept, kept], { policy })).toMatchObject({
    passed: 2,
    failed: 0,
    waived: 2,
    check: { score: 50, new: 0 },
  });
  // Both have ended on the third day.
  expect(await check(third, [kept, kept], { policy })).toMatchObject({
    failed: 2,
    waived: 0,
    check: { new: 2 },
  });
  expect(
    report('run-03')
      .results.filter(({ waiver }) => waiver?.ended)
      .map(({ id }) => id),
  ).toEqual(['CKV_AWS_24', 'plan-public-network']);
});

test("what a module's author left out is told with its reason", async () => {
  const accepted = [{ resource: 'aws_db_instance.this', reason: 'Performance Insights tells the same.' }];
  const { check, report } = prepare({ scans: scansOf({ ...aCheck, accepted }) });
  await check(first, []);
  expect(report('run-01').results.find(({ in: where }) => where === 'module')).toMatchObject({
    status: 'not-applicable',
    evidence: 'Left out for aws_db_instance.this: Performance Insights tells the same.',
  });
});

test('says what it did not look at: no host, another content of the module, no check for it', async () => {
  const { check, report } = prepare();
  const digests = { ...aPlan.digests, module: 'f'.repeat(64) };
  await check(first, null, { digests });
  expect(report('run-01').scan).toBeNull();
  expect(report('run-01').remarks).toEqual([
    'There is no host to look at.',
    expect.stringContaining(`The source of the module ${aPlan.module} was not scanned`),
  ]);
  const empty = prepare({ scans: scansOf() });
  await empty.check(first, []);
  expect(empty.report('run-01').remarks).toEqual([expect.stringContaining('has no check for the resources')]);
});
