import { findBreak, type LedgerEntry } from '../../lambdas/shared/ledger';

/** The tables and buckets as a whole, once all runs are over. */
export interface EndState {
  readonly runs: readonly {
    readonly runId: string;
    readonly status: string;
    readonly open: boolean;
    readonly outcome: string | undefined;
  }[];
  /** Workspaces that somebody holds. */
  readonly leased: readonly string[];
  /** Locks and rescued states. */
  readonly leftBehind: readonly string[];
  /** By tenant. */
  readonly chains: ReadonlyMap<string, readonly LedgerEntry[]>;
}

/** What must be told once about one thing, at most. */
const once: Readonly<Record<string, (entry: LedgerEntry) => unknown>> = {
  'run.started': ({ runId }) => runId,
  'run.ended': ({ runId }) => runId,
  'change.bound': ({ runId }) => runId,
  'decision.made': ({ data }) => data.approvalId ?? data.changeDigest,
  'apply.authorized': ({ data }) => data.changeId,
};

/** What must be told of a run. One that was stopped before it had its workspace has not started. */
const mustTell = (outcome: string | undefined): readonly string[] => [
  'run.ended',
  ...(outcome === 'failed' ? [] : ['run.started']),
  ...(outcome === 'applied' ? ['decision.made', 'apply.authorized'] : []),
];

/** What must not be, once all is over. */
export const endViolations = ({ runs, leased, leftBehind, chains }: EndState): string[] => {
  const violations: string[] = [];
  const told = new Set<string>();
  const seen = new Set<string>();
  for (const [tenant, entries] of chains) {
    const inOrder = [...entries].sort((a, b) => a.seq - b.seq);
    const broken = findBreak(inOrder);
    if (broken) violations.push(`the ledger of ${tenant} breaks at ${broken.seq}: ${broken.reason}`);
    for (const entry of inOrder) {
      told.add(`${entry.type} ${entry.runId}`);
      const about = once[entry.type]?.(entry);
      if (about === undefined) continue;
      const key = `${entry.type} of ${String(about)}`;
      if (seen.has(key)) violations.push(`the ledger tells twice: ${key}`);
      seen.add(key);
    }
  }
  for (const { runId, status, open, outcome } of runs) {
    if (status !== 'ended' || open) violations.push(`run ${runId} is ${status}${open ? ' and open' : ''}`);
    for (const type of mustTell(outcome))
      if (!told.has(`${type} ${runId}`)) violations.push(`the ledger does not tell: ${type} of ${runId}`);
  }
  violations.push(...leased.map((workspace) => `the lease of ${workspace} was never given back`));
  violations.push(...leftBehind.map((key) => `${key} is left behind`));
  return violations;
};
