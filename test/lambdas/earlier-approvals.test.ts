import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { approvalCallbacks } from '../../lambdas/send-callback/callbacks';
import { makeSendCallback } from '../../lambdas/send-callback/send-callback';
import { makeFindApproval } from '../../lambdas/shared/approval-reader';
import { type ApprovalRecord, approvalRecord } from '../../lambdas/shared/approval-record';
import { makeReadDecision, requireApproval } from '../../lambdas/shared/decided-approval';
import { answerEvents, endEvent } from '../../lambdas/shared/decision-event';
import { openForm, sendForm } from '../support/approval-form';
import { inMemoryApprovals, loadChangeOf } from '../support/gate';
import { serveGate } from '../support/gate-server';
import { recordingLedger } from '../support/recording-ledger';

/**
 * Approvals as releases before this one wrote them, by the month of the release. Files are added and never changed: a
 * deployment meets such records, and a test that fails here means that it would strand them.
 */
const folder = join(__dirname, '../support/approval-records');
const releases = readdirSync(folder).map((name): [string, Record<string, unknown>] => [
  name,
  JSON.parse(readFileSync(join(folder, name), 'utf8')),
]);
const at = new Date('2026-11-21T10:00:00.000Z');

/** The table's client, as far as a read by projection goes. */
const tableWith = (Item: unknown) => ({ send: async () => ({ Item }) }) as never;

describe.each(releases)('the approvals of %s', (_, records) => {
  const recordOf = (name: string): ApprovalRecord => approvalRecord.parse(records[name]);

  test('are read by everything that reads them', async () => {
    for (const [name, item] of Object.entries(records)) {
      const { approvalId } = recordOf(name);
      const found = await makeFindApproval({ client: tableWith(item), table: 't' })(approvalId);
      const decided = await makeReadDecision({ client: tableWith(item), approvalsTable: 't' })(approvalId);
      expect([found?.approvalId, decided?.status]).toEqual([approvalId, recordOf(name).status]);
    }
  });

  const answer = async (name: string, key: string, decision: 'approve' | 'reject') => {
    const approvals = inMemoryApprovals(recordOf(name));
    const { approvalId } = recordOf(name);
    const server = await serveGate({
      approvals,
      loadChange: loadChangeOf(),
      now: () => at,
      people: [
        { id: 'alex', groups: ['approver'] },
        { id: 'kim', groups: ['approver'] },
      ],
    });
    try {
      const form = await openForm(`${server.url}/approvals/${approvalId}?key=${key}`);
      const { status } = await sendForm(form, { fields: { decision } });
      return { status, record: approvals.records.get(approvalId) };
    } finally {
      await server.close();
    }
  };
  const [alex, kim] = ['a'.repeat(43), 'b'.repeat(43)];

  test('that wait are decided by their links, under the rules that they were asked under', async () => {
    expect(await answer('waiting', alex, 'approve')).toMatchObject({
      status: 303,
      record: { status: 'pending', votes: [{ person: 'alex' }] },
    });
    expect(await answer('halfApproved', kim, 'approve')).toMatchObject({
      status: 303,
      record: { status: 'approved', callbackPending: '1', votes: [{ person: 'alex' }, { person: 'kim' }] },
    });
    expect(await answer('waiting', kim, 'reject')).toMatchObject({
      status: 303,
      record: { status: 'rejected' },
    });
  });

  test('that were decided resume their run, and let exactly their change through', async () => {
    const record = recordOf('approvedAndNotTold');
    const approvals = inMemoryApprovals(record);
    const told: unknown[] = [];
    const send = makeSendCallback({
      approvals: approvalCallbacks(approvals),
      leases: { pending: async () => [], get: async () => undefined },
      ledger: recordingLedger(),
      resume: async (token, decision) => void told.push(token, decision),
      now: () => at,
    });
    expect((await send({ sweep: true })).sent).toEqual([record.approvalId]);
    expect(told).toMatchObject(['token-of-run-told', { output: { outcome: 'approved' } }]);
    for (const name of ['approvedAndNotTold', 'brokenGlass']) {
      const { approvalId, change } = recordOf(name);
      const found = await makeReadDecision({ client: tableWith(records[name]), approvalsTable: 't' })(
        approvalId,
      );
      expect(requireApproval(change, found).outcome).toBe('approved');
    }
  });

  test('tell the ledger what they told it then', () => {
    for (const name of Object.keys(records)) {
      const record = recordOf(name);
      expect(answerEvents(record)).toHaveLength(record.votes.length);
      const byPeople = record.status === 'approved' || record.status === 'rejected';
      const end = `${byPeople ? 'decision' : 'approval.closed'}:${record.approvalId}`;
      expect(endEvent(record)?.id).toBe(record.status === 'pending' ? undefined : end);
    }
  });
});
