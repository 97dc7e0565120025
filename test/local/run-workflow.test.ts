import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { runWorkflow } from '../../local/run-workflow';

const mock = mockClient(SFNClient);
const run = { runId: '01RUN', executionArn: 'arn:run' };
const link = 'http://127.0.0.1/approvals/01RUN-1a2b3c4d?key=k';

const gate: HistoryEvent = {
  id: 1,
  type: 'TaskStateEntered',
  timestamp: new Date(0),
  stateEnteredEventDetails: { name: 'Wait for approval' },
};
const end = (type: HistoryEvent['type']): HistoryEvent => ({ id: 2, type, timestamp: new Date(1000) });
const output = (outcome: string) =>
  JSON.stringify({
    runId: '01RUN',
    workflow: 'vm-provisioning',
    workspace: 'demo/web-01',
    outcome,
    summary: null,
    decision: null,
    compliance: null,
    error: null,
  });

/** A run that waits at its gate until it is decided, and then ends. */
const gated = () => {
  const events = [gate];
  const told: string[] = [];
  mock.on(GetExecutionHistoryCommand).callsFake(() => ({ events: [...events] }));
  const deps = {
    client: new SFNClient({ region: 'us-east-1' }),
    approvalLinks: async () => [link],
    decide: async (at: string, decision: 'approve' | 'reject') => {
      told.push(`${decision} ${at}`);
      const outcome = decision === 'approve' ? 'applied' : 'rejected';
      mock.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', output: output(outcome) });
      events.push(end('ExecutionSucceeded'));
      const status = decision === 'approve' ? 'approved' : 'rejected';
      return { status, decidedBy: 'alex', decidedAt: '2026-01-01T00:00:00.000Z' } as const;
    },
    recordedEnd: async () => undefined,
    onStages: () => undefined,
    onLink: (at: string) => void told.push(`link ${at}`),
  };
  return { deps, told, events };
};
const request = (decision: 'approve' | 'reject' | null) => ({
  workflow: 'vm-provisioning',
  decision,
  signal: new AbortController().signal,
});

beforeEach(() => mock.reset());

test.each([
  ['approve', 'applied'],
  ['reject', 'rejected'],
] as const)(
  'tells the link once, decides once (%s), and reports %s with the link',
  async (decision, outcome) => {
    const { deps, told } = gated();
    const report = await runWorkflow(deps, run, request(decision));
    expect(told).toEqual([`link ${link}`, `${decision} ${link}`]);
    expect(report).toMatchObject({ runId: '01RUN', outcome, links: { approval: link } });
  },
);

test('answers in the name of one approver after another until nobody else has to, for each approval', async () => {
  const { deps, told, events } = gated();
  const linkOf = (approval: string, person: string) =>
    `http://127.0.0.1/approvals/01RUN-${approval}?key=${person}`;
  const links = [
    linkOf('1a2b3c4d', 'alex'),
    linkOf('1a2b3c4d', 'sam'),
    linkOf('1a2b3c4d', 'kim'),
    linkOf('5e6f7a8b', 'alex'),
  ];
  const answered: string[] = [];
  await runWorkflow(
    {
      ...deps,
      approvalLinks: async () => links,
      decide: async (at) => {
        answered.push(at);
        if (at === links[0]) return { status: 'pending' };
        if (at === links[3]) {
          mock.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', output: output('applied') });
          events.push(end('ExecutionSucceeded'));
        }
        return { status: 'approved', decidedBy: 'sam', decidedAt: '2026-01-01T00:00:00.000Z' };
      },
    },
    run,
    request('approve'),
  );
  expect(answered).toEqual([links[0], links[1], links[3]]);
  expect(told).toEqual(links.map((one) => `link ${one}`));
});

test('without a decision, tells the link and waits for a person', async () => {
  const { deps, told } = gated();
  const running = runWorkflow(deps, run, request(null));
  await new Promise((resolve) => setTimeout(resolve, 350));
  expect(told).toEqual([`link ${link}`]);
  await deps.decide(link, 'reject');
  expect(await running).toMatchObject({ outcome: 'rejected' });
});

test('a run without a gate asks nobody', async () => {
  mock.on(GetExecutionHistoryCommand).resolves({ events: [end('ExecutionSucceeded')] });
  mock.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', output: output('unchanged') });
  const { deps, told } = { ...gated(), told: [] };
  mock.on(GetExecutionHistoryCommand).resolves({ events: [end('ExecutionSucceeded')] });
  const report = await runWorkflow({ ...deps, approvalLinks: async () => [] }, run, request('approve'));
  expect(report).toMatchObject({ outcome: 'unchanged', links: {} });
  expect(told).toEqual([]);
});

test('a failed run is told with what was recorded about it', async () => {
  const { deps } = gated();
  mock.on(GetExecutionHistoryCommand).resolves({ events: [end('ExecutionFailed')] });
  mock.on(DescribeExecutionCommand).resolves({ status: 'FAILED', error: 'TerraformError', cause: 'x' });
  const error = { name: 'TerraformError', message: 'No space left.' };
  const recorded = { ...JSON.parse(output('failed')), error };
  const report = await runWorkflow({ ...deps, recordedEnd: async () => recorded }, run, request(null));
  expect(report).toMatchObject({
    outcome: 'failed',
    error: { code: 'TerraformError', message: 'No space left.' },
  });
});

test('a decision that the pages do not take ends the following', async () => {
  const { deps } = gated();
  const decide = () => Promise.reject(new Error('Another decision stands.'));
  await expect(runWorkflow({ ...deps, decide }, run, request('approve'))).rejects.toThrow(
    'Another decision stands.',
  );
});
