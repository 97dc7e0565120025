import { resolve } from 'node:path';
import { waiverFor, withWaiver } from '../../lambdas/compliance-rules/waiver';
import { waiversOfThisRelease } from '../../lambdas/compliance-rules/waivers-of-this-release';
import { complianceDocument } from '../../lambdas/shared/compliance-document';
import type { ComplianceResult } from '../../lambdas/shared/contract';
import { aTraceparent, makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';
import { type SshHost, startSshHost } from '../support/ssh-host';

jest.setTimeout(120_000);

let platform: RunnerPlatform;
let server: SshHost;
beforeAll(async () => {
  platform = await startRunnerPlatform({ needHosts: true });
  server = await startSshHost(platform.toolchain.baseImageDir, 'web-01');
}, 600_000);
afterAll(async () => {
  await server?.stop();
  await platform?.stop();
});

const scan = (runId: string, name: string) => ({
  task: 'compliance-scan' as const,
  run: { runId, workspace: 'demo/audit', traceparent: aTraceparent },
  hosts: [{ name, address: null, size: 'small', tags: {}, owner: 'jo', expiresAt: null, isNew: false }],
});

test('reports every rule of a host that nobody hardened, and counts what fails', async () => {
  const harness = makeHarness(platform, {
    hostAccess: server.access,
    contentRoot: resolve(__dirname, '../..'),
  });
  const result = (await harness.doTask(scan('audit', 'web-01'))) as ComplianceResult;
  const report = complianceDocument.parse(JSON.parse((await harness.text(result.document.key)) ?? ''));
  const rules = report.hosts[0]?.rules ?? [];
  expect(rules.length).toBe(result.passed + result.failed + result.notApplicable);
  expect(result.failed).toBeGreaterThan(0);
});

test('what is waived in a workspace does not count as failed there, and says who answers for it', async () => {
  const harness = makeHarness(platform, {
    hostAccess: server.access,
    contentRoot: resolve(__dirname, '../..'),
  });
  const task = scan('audit-sandbox', 'web-01');
  const result = (await harness.doTask({
    ...task,
    run: { ...task.run, workspace: 'demo/sandbox-audit' },
  })) as ComplianceResult;
  const report = complianceDocument.parse(JSON.parse((await harness.text(result.document.key)) ?? ''));
  const timer = report.hosts[0]?.rules.find(({ id }) => id === 'upgrades-timer');
  const waiver = waiverFor(waiversOfThisRelease, {
    rule: 'upgrades-timer',
    workspace: report.workspace,
    at: report.scannedAt,
  });
  expect(timer).toMatchObject(withWaiver({ status: 'fail' }, waiver));
  expect(result.waived).toBe(waiver?.ended === false ? 1 : 0);
});

test('says which host does not answer', async () => {
  const harness = makeHarness(platform, {
    hostAccess: server.access,
    contentRoot: resolve(__dirname, '../..'),
  });
  await expect(harness.doTask(scan('audit-2', 'web-09'))).rejects.toMatchObject({
    name: 'HostError',
    message: expect.stringContaining('web-09'),
  });
});
