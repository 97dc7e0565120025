import { admitted, emptied, type Mailbox, type Mailboxes } from '../../lambdas/approval-mail/mailbox';
import type { LoadChange } from '../../lambdas/approval-pages/load-change';
import type { Outbox } from '../../lambdas/send-callback/outbox';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import type { ApprovalStore } from '../../lambdas/shared/approval-store';
import type { Change } from '../../lambdas/shared/change';
import { sha256Hex } from '../../lambdas/shared/digest';
import type { PlanDocument } from '../../lambdas/shared/plan-document';
import type { PlayDocument } from '../../lambdas/shared/play-document';
import type { ScriptDocument } from '../../lambdas/shared/script-document';
import { demandsUnder } from './approval-fixtures';
import { aPlan, aPlaybook, aRun, aScript } from './change-fixtures';
import { anAttribute, aRow, planOf } from './plan-fixtures';

export const taskToken = 'TASK-TOKEN-that-nobody-may-see';
export const key = 'k'.repeat(43);
export const digest = sha256Hex('a change');
export const approvalId = 'run-1-dddddddd';
export const startedAt = new Date('2026-11-21T09:00:00.000Z');

export const aChange = (counts = { create: 1, update: 0, replace: 0, delete: 0 }): Change => ({
  version: 1,
  id: approvalId,
  runId: aRun.runId,
  workflow: 'vm-provisioning',
  workspace: aRun.workspace,
  reason: 'A web host for the spring campaign',
  requestedBy: 'maria@example.com',
  createdAt: startedAt.toISOString(),
  expiresAt: '2026-11-22T09:00:00.000Z',
  plan: {
    ref: aPlan.plan,
    document: aPlan.document,
    counts,
    mode: 'apply',
    empty: false,
    module: aPlan.module,
    digests: aPlan.digests,
    content: aPlan.content,
    engine: aPlan.engine,
    policy: aPlan.policy,
  },
  playbook: {
    role: aPlaybook.role,
    document: aPlaybook.document,
    changed: 2,
    digests: aPlaybook.digests,
    content: aPlaybook.content,
  },
  script: null,
});

export const aPending = (over: Partial<ApprovalRecord> = {}): ApprovalRecord => ({
  approvalId,
  runId: aRun.runId,
  workspace: aRun.workspace,
  traceparent: aRun.traceparent,
  change: { id: approvalId, digest, ref: { ...aPlan.document, sha256: digest } },
  status: 'pending',
  taskToken,
  createdAt: startedAt.toISOString(),
  expiresAt: '2026-11-22T09:00:00.000Z',
  links: [{ approver: 'alex', nonceHash: sha256Hex(key) }],
  demands: demandsUnder(),
  rules: digest,
  starter: { id: 'maria@example.com', verified: false },
  votes: [],
  ...over,
});

export const aPlanDocument = (): PlanDocument =>
  planOf('create', [
    aRow({
      members: [
        {
          address: 'terraform_data.host',
          attributes: [
            anAttribute({ path: 'input.name', after: 'web-01' }),
            anAttribute({ path: 'input.size', after: 'small' }),
            anAttribute({ path: 'id', after: '(known after apply)' }),
            anAttribute({ path: 'input.token', sensitive: true }),
          ],
        },
      ],
    }),
  ]);

export const aPlayDocument = (): PlayDocument => ({
  version: 1,
  mode: 'check',
  role: 'web-service',
  variables: [{ name: 'web_service_port', value: '8080' }],
  hosts: [
    {
      name: 'web-01',
      isNew: true,
      tasks: [
        { name: 'Install the release', action: 'ansible.builtin.copy', status: 'planned', detail: '' },
        {
          name: 'Start the service',
          action: 'ansible.builtin.systemd_service',
          status: 'planned',
          detail: '',
        },
      ],
    },
  ],
});

export const loadChangeOf =
  (
    change = aChange(),
    plan: PlanDocument | null = aPlanDocument(),
    play: PlayDocument | null = aPlayDocument(),
    script: ScriptDocument | null = null,
  ): LoadChange =>
  async () => ({ change, digest, plan, play, script });

/** A change that is a script alone. */
export const aScriptChange = (): Change => ({
  ...aChange(),
  workflow: 'run-script',
  workspace: 'demo/checks',
  plan: null,
  playbook: null,
  script: { name: aScript.script, document: aScript.document, digests: aScript.digests },
});

export const aScriptDocument = (): ScriptDocument => ({
  version: 1,
  mode: 'check',
  script: 'certificate-expiry',
  description: 'Tells how many days certificates stay valid.',
  interpreter: { name: 'python', version: 'Python 3.11.2' },
  files: [
    { path: 'main.py', text: 'import ssl\nprint("checked")' },
    { path: 'logo.bin', text: null },
  ],
  parameters: [{ name: 'addresses', value: '["example.com:443"]' }],
  limits: { seconds: 120, memoryMib: 256 },
  isolation: { user: false, processes: false, network: false },
  needsNetwork: false,
  run: null,
});

/** Approvals in memory with the same conditions as the table's writes; each step gives way, so that calls interleave. */
export const inMemoryApprovals = (
  ...records: ApprovalRecord[]
): ApprovalStore & Outbox<ApprovalRecord> & { records: Map<string, ApprovalRecord> } => {
  const all = new Map(records.map((record) => [record.approvalId, record]));
  const when = async (
    id: string,
    holds: (record: ApprovalRecord) => boolean,
    change: (record: ApprovalRecord) => Partial<ApprovalRecord>,
  ): Promise<boolean> => {
    await Promise.resolve();
    const record = all.get(id);
    if (!record || !holds(record)) return false;
    all.set(id, { ...record, ...change(record) });
    return true;
  };
  const pending = ({ status }: ApprovalRecord): boolean => status === 'pending';
  return {
    records: all,
    find: async (id) => {
      await Promise.resolve();
      const record = all.get(id);
      if (!record) return undefined;
      const { taskToken: _, ...view } = record;
      return view;
    },
    create: async (record) => {
      if (all.has(record.approvalId)) return false;
      all.set(record.approvalId, record);
      return true;
    },
    replaceToken: async (id, { taskToken, attempt }) => {
      const isLatest = (record: ApprovalRecord): boolean => (record.attempt ?? 0) <= attempt;
      return (
        (await when(
          id,
          (record) => pending(record) && isLatest(record),
          () => ({ taskToken, attempt }),
        )) ||
        when(
          id,
          (record) => record.status !== 'voided' && isLatest(record),
          () => ({ taskToken, attempt, callbackPending: '1' }),
        )
      );
    },
    addLink: (id, link) =>
      when(id, pending, ({ links }) => {
        const own = links.filter(({ approver }) => approver === link.approver);
        return { links: [...links.filter((one) => own.length < 3 || one !== own[0]), link] };
      }),
    markMailed: (id, approver) =>
      when(
        id,
        () => true,
        ({ mailedTo }) => ({ mailedTo: [...(mailedTo ?? []), approver] }),
      ),
    addVote: (id, vote, seen, end) =>
      when(
        id,
        (record) => pending(record) && record.expiresAt > vote.at && record.votes.length === seen,
        ({ votes }) => ({
          votes: [...votes, vote],
          ...(end && { status: end, decidedAt: vote.at, callbackPending: '1' as const }),
          ...((end || vote.breaksGlass) && { tending: '1' as const, dueAt: vote.at }),
        }),
      ),
    setStarter: async ({ approvalId: id }, { starter, askRefusal }, at) => {
      const isNews = ({ starter: known }: ApprovalRecord): boolean =>
        !known.verified || (known.alsoAsked ?? []).length < (starter.alsoAsked ?? []).length;
      const known = { starter, ...(askRefusal !== undefined && { askRefusal }) };
      const isVoid = (record: ApprovalRecord): boolean =>
        askRefusal !== undefined && pending(record) && isNews(record);
      return (
        (await when(id, isVoid, () => ({
          ...known,
          status: 'voided',
          decidedAt: at,
          callbackPending: '1',
        }))) || when(id, isNews, () => known)
      );
    },
    close: (id, as, at, { resume } = { resume: false }) =>
      when(id, pending, () => ({
        status: as,
        decidedAt: at,
        tending: '1',
        dueAt: at,
        ...(resume && { callbackPending: '1' as const }),
      })),
    listDue: async (now, limit) =>
      [...all.values()]
        .filter(({ tending, dueAt }) => tending && dueAt !== undefined && dueAt <= now.toISOString())
        .sort((one, other) => (one.dueAt ?? '').localeCompare(other.dueAt ?? ''))
        .slice(0, limit)
        .map((record) => record.approvalId),
    claim: (id, seen, until) =>
      when(
        id,
        ({ tending, dueAt }) => tending !== undefined && dueAt === seen,
        () => ({ dueAt: until.toISOString() }),
      ),
    settle: (id, claimed, tended) =>
      when(
        id,
        (record) => pending(record) && record.dueAt === claimed,
        () => tended,
      ),
    release: async (id, claimed) => {
      const record = all.get(id);
      if (!record || pending(record) || record.dueAt !== claimed) return false;
      const { tending: _, dueAt: __, ...rest } = record;
      all.set(id, rest);
      return true;
    },
    pending: async (limit) =>
      [...all.values()]
        .filter(({ callbackPending }) => callbackPending)
        .slice(0, limit)
        .map((record) => record.approvalId),
    get: async (id) => all.get(id),
    countTry: async (id, token) => {
      const record = all.get(id);
      if (record?.callbackPending !== '1' || record.taskToken !== token) return;
      all.set(id, { ...record, callbackTries: (record.callbackTries ?? 0) + 1 });
    },
    clear: async (id, token) => {
      const record = all.get(id);
      if (record?.callbackPending !== '1' || record.taskToken !== token) return;
      const { callbackPending: _, ...rest } = record;
      all.set(id, rest);
    },
  };
};

export const mailBudget = 5;

/** Mailboxes in memory, with the rules of the table's. */
export const inMemoryMailboxes = (): Mailboxes & { boxes: Map<string, Mailbox> } => {
  const boxes = new Map<string, Mailbox>();
  const get = async (person: string): Promise<Mailbox> =>
    boxes.get(person) ?? { sentAt: [], waiting: [], version: 0 };
  return {
    boxes,
    get,
    admit: async (person, approvalId, now) => {
      const { box, mayGo } = admitted(await get(person), approvalId, now, mailBudget);
      boxes.set(person, box);
      return mayGo;
    },
    empty: async (person, done, wasSent, now) => {
      boxes.set(person, emptied(await get(person), done, wasSent, now, mailBudget));
    },
  };
};
