import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exampleInput } from '../../../cli/workflow-definitions';
import {
  type CommandResult,
  inputFor,
  platformNow,
  reportIn,
  repository,
  runCommand,
  runsOn,
  stateDir,
} from '../../support/e2e-platform';

/** What scripts see of `npm start`. */
export const commandLine = (first: () => CommandResult): void => {
  test('approves, applies and tells it in one line of JSON', () => {
    const report = reportIn(first());
    expect(first().code).toBe(0);
    expect(report).toEqual({
      runId: expect.stringMatching(/^[0-9A-Z]{26}$/),
      workflow: 'vm-provisioning',
      outcome: 'applied',
      compliance: expect.objectContaining({ failed: 0, waived: 0 }),
      stages: expect.any(Array),
      change: {
        add: expect.any(Number),
        change: 0,
        destroy: 0,
        playbookChanged: expect.any(Number),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      links: {
        approval: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.*\/approvals\/.+\?key=[\w-]{43}$/),
        inbox: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
        health: expect.stringMatching(/\/api\/health$/),
        service: expect.stringMatching(/^http:\/\/127\.\d+\.\d+\.\d+\/$/),
        report: expect.stringMatching(/^s3:\/\/.+\/compliance\.json$/),
      },
      error: null,
    });
    expect(report.change?.add).toBeGreaterThan(0);
    expect(report.stages.map(({ name, status }) => `${name}: ${status}`)).toEqual(
      [
        'Begin run',
        'Plan change',
        'Preview configuration',
        'Bind change',
        'Wait for approval',
        'Apply change',
        'Configure hosts',
        'Scan compliance',
        'Record end',
        'Notify',
      ].map((name) => `${name}: succeeded`),
    );
  });

  test('finds nothing to change the second time, on the platform that was kept, and asks nobody', async () => {
    const before = await platformNow();
    const second = await runCommand(['--approve', '--json']);
    const report = reportIn(second);
    expect(second.code).toBe(0);
    expect(report).toMatchObject({
      outcome: 'unchanged',
      change: { add: 0, change: 0, destroy: 0, playbookChanged: 0 },
      error: null,
    });
    const platform = await platformNow();
    expect(platform.file).toEqual(before.file);
    const mails = await runsOn(platform).mails();
    const about = mails.filter(({ body }) => body.includes(report.runId ?? ''));
    expect(about.filter(({ subject }) => subject.startsWith('Approval needed'))).toEqual([]);
    expect(report.links.approval).toBeUndefined();
  });

  test('rejects: nothing is touched, and a mail says so', async () => {
    const input = inputFor('e2e/rejected');
    const rejected = await runCommand(['--reject', '--json'], { input });
    const report = reportIn(rejected);
    expect(rejected.code).toBe(0);
    expect(report).toMatchObject({ outcome: 'rejected', error: null });
    const platform = await platformNow();
    const runs = runsOn(platform);
    // The plan's lock came and went; no state was ever written.
    const stored = await runs.versions(platform.outputs.stateBucket, 'e2e/rejected/');
    expect(stored.filter(({ Key = '', IsLatest }) => IsLatest || !Key.endsWith('.tflock'))).toEqual([]);
    expect(existsSync(join(stateDir, 'hosts', 'workspaces', 'e2e', 'rejected'))).toBe(false);
    const mail = await runs.endMail({ runId: report.runId ?? '', executionArn: '' });
    expect(mail.subject).toBe(`Run rejected: e2e/rejected (${report.runId})`);
    expect(mail.body).toMatch(/The change was rejected\. Nothing was touched\./);
  });

  const example = exampleInput('vm-provisioning');
  const role = 'web-service';
  test.each([
    ['a module that is none', { input: { ...example, module: 'castle' } }, /castle/],
    ['a role that is none', { input: { ...example, role: 'juggler' } }, /juggler/],
    ['a variable of a wrong type', { input: { ...example, variables: { name: 'web-01', tags: 7 } } }, /tags/],
    ['a variable that no module has', { input: inputFor('e2e/wrong', {}, { colour: 'red' }) }, /colour/],
    [
      "a role's variable of a wrong type",
      { input: { ...example, role, roleVariables: { web_service_port: 'x' } } },
      /web_service_port/,
    ],
    ['a workspace outside its folder', { input: { ...example, workspace: '../etc' } }, /workspace/],
    ['a workflow that is none', { args: ['--workflow', 'dance'] }, /dance.*vm-provisioning/],
    ['an option that is none', { args: ['--aprove'] }, /--aprove/],
  ] as const)('refuses %s with a sentence, before anything starts', async (_, given, sentence) => {
    const folder = join(repository, '.local-e2e', 'never-made');
    const { args = [], input } = given as { args?: readonly string[]; input?: typeof example };
    const refused = await runCommand([...args, '--approve', '--json'], { folder, ...(input && { input }) });
    expect(refused.code).toBe(2);
    const report = reportIn(refused);
    expect(report).toMatchObject({ runId: null, outcome: 'failed', stages: [], change: null, links: {} });
    expect(report.error?.code).toMatch(/^(?:InvalidInput|Usage)Error$/);
    expect(report.error?.message).toMatch(sentence);
    expect(refused.stderr).toMatch(sentence);
    expect(existsSync(folder)).toBe(false);
  });
};

/** Blocks are workflows of their own. */
export const blocks = (): void => {
  test.each([
    ['terraform-plan', { hosts: [{ name: 'web-01', isNew: false }] }],
    ['ansible-run', { mode: 'check' }],
    ['compliance-scan', { failed: 0 }],
  ])('%s works alone with its example input', async (workflow, output) => {
    const alone = await runCommand(['--workflow', workflow, '--json']);
    const report = reportIn(alone);
    expect(report).toMatchObject({ workflow, outcome: 'unchanged', error: null });
    expect(alone.code).toBe(0);
    const { stepFunctions, outputs } = await platformNow();
    const { DescribeExecutionCommand } = await import('@aws-sdk/client-sfn');
    const arn = `${outputs.stateMachines[workflow]?.replace(':stateMachine:', ':execution:')}:${report.runId}`;
    const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(JSON.parse(execution.output ?? '')).toMatchObject(output);
  });
};
