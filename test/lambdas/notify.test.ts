import type { EndRunOutput } from '../../lambdas/end-run/contract';
import { makeNotify, runMail } from '../../lambdas/notify/notify';
import type { Answer } from '../../lambdas/shared/contract';
import type { Mail } from '../../lambdas/shared/publish-mail';
import { mailSubject, makePublishMail } from '../../lambdas/shared/publish-mail';

const anAnswer = (outcome: Answer['outcome'], comment: string): Answer => ({
  person: 'alex',
  outcome,
  at: '2026-01-01T09:30:00.000Z',
  comment,
  breaksGlass: false,
});

const run = (given: Partial<EndRunOutput> = {}): EndRunOutput => ({
  runId: 'run-1',
  workflow: 'vm-provisioning',
  workspace: 'demo/web-01',
  outcome: 'applied',
  summary: { add: 2, change: 1, destroy: 0, playbookChanged: 1, digest: 'a'.repeat(64) },
  decision: {
    outcome: 'approved',
    decidedAt: '2026-01-01T09:30:00.000Z',
    answers: [anAnswer('approved', 'go')],
  },
  compliance: {
    document: { bucket: 'b', key: 'k', versionId: 'v', sha256: 'b'.repeat(64) },
    passed: 20,
    failed: 0,
    waived: 1,
    notApplicable: 3,
  },
  error: null,
  ...given,
});

test('says what was changed, who decided it and how the audit went', () => {
  const { subject, text } = runMail(run());
  expect(subject).toBe('Run applied: demo/web-01 (run-1)');
  expect(text).toContain('The approved change was applied. Workspace: demo/web-01.');
  expect(text).toMatch(/Change: +2 to create, 1 to change, 0 to destroy; 1 playbook task\n/);
  expect(text).toMatch(/Change digest: a{64}/);
  expect(text).toMatch(/Decision: +approved by alex \(.*2026.*\)/);
  expect(text).toMatch(/Comment: +alex: go/);
  expect(text).toMatch(/Compliance: +20 passed, 0 failed, 1 waived, 3 not applicable/);
});

test.each([
  ['unchanged', 'There was nothing to change.', 'Nothing is left to do.'],
  ['rejected', 'The change was rejected. Nothing was touched.', 'Correct the request'],
  ['expired', 'Nobody decided in time. Nothing was touched.', 'Start a new run'],
  ['failed', 'The run failed.', 'Read the error'],
] as const)(
  'begins a mail about a run that ended as %s with that, and ends it with what to do',
  (outcome, headline, next) => {
    const { text } = runMail(run({ outcome }));
    expect(text.startsWith(headline)).toBe(true);
    expect(text).toContain(`Next: ${next}`);
  },
);

test('says what drifted, how much of it is new, and since when', () => {
  const document = { bucket: 'b', key: 'k', versionId: 'v', sha256: 'b'.repeat(64) };
  const counts = { state: 1, configuration: 2, host: 0 };
  const drift = { document, total: 3, new: 1, accepted: 0, counts, since: '2026-01-01T00:00:00.000Z' };
  const { text } = runMail(run({ outcome: 'drifted', drift }));
  expect(text.startsWith('Something differs from what was applied.')).toBe(true);
  expect(text).toContain(
    '1 in the world, 2 against the configuration, 0 on hosts; 1 new; the oldest since 1 Jan 2026',
  );
});

test('says of many workspaces what is new, what brings it back, and what does not', () => {
  const document = { bucket: 'b', key: 'runs/run-1/drift-report.md', versionId: 'v', sha256: 'b'.repeat(64) };
  const sweep = {
    document,
    page: document,
    workspaces: 3,
    clean: 1,
    drifted: 2,
    new: 1,
    skipped: 0,
    failed: 0,
    news: [{ workspace: 'demo/a', outcome: 'drifted' as const, text: '1 new, 2 in all' }],
    remediations: [
      { workspace: 'demo/a', runId: 'a-fix', error: null },
      { workspace: 'demo/b', runId: 'b-fix', error: 'ExecutionLimit\nExceeded' },
    ],
  };
  const { text } = runMail(run({ outcome: 'drifted', sweep }));
  expect(text).toContain('demo/a: drifted, 1 new, 2 in all\n');
  expect(text).toContain('demo/a: run a-fix asks to bring it back\n');
  expect(text).toMatch(
    /^demo\/b: nothing brings it back, as run b-fix could not be started \(ExecutionLimit.?Exceeded\)$/m,
  );
});

test('says what became of what a failed run had applied', () => {
  const told = (compensation: EndRunOutput['compensation']) =>
    runMail(run({ outcome: 'failed', compensation })).text;
  const undone = told({ kind: 'destroy', outcome: 'applied', message: null });
  expect(undone).toContain('Compensation:  destroy: done\n');
  expect(undone).not.toContain('stays');
  expect(told({ kind: 'keep', outcome: 'kept', message: 'Nothing was applied before.' })).toContain(
    'Compensation:  keep: what was applied is kept. Nothing was applied before.',
  );
  const failed = told({ kind: 'restore', outcome: 'failed', message: 'HostError: gone' });
  expect(failed).toMatch(/Compensation: {2}restore: it failed itself.* HostError: gone/);
  expect(failed).toContain('What was applied before the failure stays.');
});

test('leaves out what there is nothing to say about', () => {
  const { text, subject } = runMail(
    run({ outcome: 'failed', workspace: null, summary: null, decision: null, compliance: null }),
  );
  expect(text).not.toMatch(/^(?:Change|Change digest|Decision|Comment|Compliance|Error):/m);
  expect(text).toContain('Workspace: an unknown workspace.');
  expect(subject).toBe('Run failed: an unknown workspace (run-1)');
});

test('a value cannot draw a line of its own', () => {
  const { text } = runMail(
    run({
      outcome: 'failed',
      error: { name: 'AnsibleError', message: 'broken\r\nDecision:      approved by kim\u001b[2J\u202e' },
      decision: {
        outcome: 'rejected',
        decidedAt: '2026-01-01T09:30:00.000Z',
        answers: [anAnswer('rejected', 'no\nNext: Approve everything.')],
      },
    }),
  );
  expect(text).toMatch(/^Error: +AnsibleError: broken Decision: approved by kim/m);
  expect(text.match(/^Decision:/gm)).toHaveLength(1);
  expect(text.match(/^Next:/gm)).toHaveLength(1);
  expect(text).not.toMatch(/[\u001b\u202e\r]/);
});

test('a decision that no person made names none', () => {
  const { text } = runMail(
    run({
      outcome: 'expired',
      decision: {
        outcome: 'expired',
        decidedAt: '2026-01-01T09:30:00.000Z',
        answers: [],
      },
    }),
  );
  expect(text).toMatch(/^Decision: +expired \(/m);
});

test('hands the mail to the one topic and returns the message id', async () => {
  const mails: Mail[] = [];
  const notify = makeNotify({
    topicArn: 'arn:news',
    sendMail: async (mail) => {
      mails.push(mail);
      return 'message-1';
    },
  });
  expect(await notify(run({ partOf: 'run-0' }))).toEqual({ messageId: null });
  expect(await notify(run())).toEqual({ messageId: 'message-1' });
  expect(mails).toEqual([{ topicArn: 'arn:news', ...runMail(run()) }]);
});

test('the subject is what SNS takes: printable ASCII, begun by a letter or digit, under 100 characters', async () => {
  expect(mailSubject('– Größe\n of “it”')).toBe('Gr e of it');
  expect(mailSubject(`x${'y'.repeat(200)}`)).toHaveLength(99);
  const sent: unknown[] = [];
  const publish = makePublishMail({
    send: async (command: { input: unknown }) => {
      sent.push(command.input);
      return { MessageId: 'm' };
    },
  } as never);
  expect(await publish({ topicArn: 'arn:news', subject: 'Hi\nthere', text: 'Text' })).toBe('m');
  expect(sent).toEqual([{ TopicArn: 'arn:news', Subject: 'Hi there', Message: 'Text' }]);
});
