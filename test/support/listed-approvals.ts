import { makeApprovalLists } from '../../lambdas/shared/approval-lists';
import {
  askedPlace,
  audienceOf,
  audiencesKey,
  endedPlace,
  waitingPlace,
} from '../../lambdas/shared/approval-order';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import { aPending } from './gate';
import { inMemoryTable } from './in-memory-table';

export const waits = (approvalId: string, over: Partial<ApprovalRecord> = {}) => {
  const record = aPending({ approvalId, ...over });
  return { ...record, ...waitingPlace(record), ...askedPlace(record) };
};
export const ended = (approvalId: string, decidedAt: string) => ({
  ...aPending({ approvalId, status: 'approved', decidedAt }),
  ...endedPlace(approvalId, decidedAt),
});
export const listsOf = (...items: ReturnType<typeof waits | typeof ended>[]) => {
  const names = new Set(items.map(audienceOf));
  const table = inMemoryTable(...items, { ...audiencesKey, names });
  return { ...table, lists: makeApprovalLists({ client: table.client, table: 'approvals' }) };
};
