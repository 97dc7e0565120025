import { explanationText } from '../../cli/explain-approval';
import { explainApprovalOutput } from '../../lambdas/explain-approval/contract';
import { makeExplainApproval } from '../../lambdas/explain-approval/explain-approval';
import { aRun } from '../support/change-fixtures';
import { aPending, approvalId, inMemoryApprovals, startedAt, taskToken } from '../support/gate';

const explaining = (status: 'running' | 'ended' = 'running', change: object | null = aPending().change) =>
  makeExplainApproval({
    runs: {
      get: async (id) =>
        id === aRun.runId ? ({ runId: id, status, change: change ?? undefined } as never) : undefined,
    },
    findApproval: inMemoryApprovals(aPending()).find,
    findDelegations: async () => [],
    people: [{ id: 'alex', groups: ['approver'] }],
    now: () => startedAt,
  });

test('explains by the groups of the configuration, or by those that are named', async () => {
  const said = await explaining()({ runId: aRun.runId, person: 'alex' });
  expect(explainApprovalOutput.parse(said)).toMatchObject({
    approvalId,
    status: 'pending',
    askedFor: 'maria@example.com (unverified)',
    approve: { allowed: true },
  });
  expect(JSON.stringify(said)).not.toContain(taskToken);
  const other = await explaining()({ runId: aRun.runId, person: 'alex', groups: ['auditor'] });
  expect(other.approve).toMatchObject({ allowed: false, code: 'not-in-group' });
});

test('reads as sentences', async () => {
  expect(explanationText(await explaining()({ runId: aRun.runId, person: 'eve' }))).toBe(
    [
      'eve (no group) and demo/web-01, run run-1, pending:',
      '  Only approver may decide on this change. Ask for the group, or for somebody in it to delegate to you.',
      '  approve: no. Only approver may decide on this change. Ask for the group, or for somebody in it to delegate to you.',
      '  reject: no. Only approver may decide on this change. Ask for the group, or for somebody in it to delegate to you.',
      '  break the glass: no. No rule here lets anybody break the glass.',
      '  ask for it: no. Only operator may ask for this: Every change is seen by one person. (rule everything)',
      '  asked for by: maria@example.com (unverified)',
      '  It waits for 1 more of approver: Every change is seen by one person. (rule everything)',
      '  Without an answer it expires at 2026-11-22T09:00:00.000Z.',
      '  would help: One more approval by approver: Every change is seen by one person. (rule everything)',
    ].join('\n'),
  );
});

test.each<[string, () => Promise<unknown>, string]>([
  ['an unknown run', () => explaining()({ runId: 'other', person: 'alex' }), 'There is no run other.'],
  [
    'a run that plans',
    () => explaining('running', null)({ runId: aRun.runId, person: 'alex' }),
    'asks for no approval',
  ],
])('refuses %s', async (_, ask, message) => {
  await expect(ask()).rejects.toMatchObject({
    name: 'InvalidInputError',
    message: expect.stringContaining(message),
  });
});
