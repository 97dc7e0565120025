import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';
import { type EndState, endViolations } from '../../scripts/faults/end-state';

const tell = (...events: [type: string, runId: string][]): LedgerEntry[] => {
  let head = { seq: 0, hash: genesisHash };
  return events.map(([type, runId], index) => {
    const event: WrittenEvent = {
      tenant: 'demo',
      id: `${type}:${runId}:${index}`,
      type,
      runId,
      actor: 'test',
      at: '2026-01-01T00:00:00.000Z',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      data: { changeId: `${runId}-change`, approvalId: `${runId}-approval` },
    };
    const entry = chain(head, event);
    head = entry;
    return entry;
  });
};
const whole: [string, string][] = [
  ['run.started', 'one'],
  ['change.bound', 'one'],
  ['decision.made', 'one'],
  ['apply.authorized', 'one'],
  ['run.ended', 'one'],
];
const run = { runId: 'one', status: 'ended', open: false, outcome: 'applied' };
const end = (more: Partial<EndState> & { told?: [string, string][] } = {}): EndState => ({
  runs: [run],
  leased: [],
  leftBehind: [],
  chains: new Map([['demo', tell(...(more.told ?? whole))]]),
  ...more,
});

test('runs that ended, with a ledger that tells each thing once, violate nothing', () => {
  expect(endViolations(end())).toEqual([]);
  const stopped = { ...run, outcome: 'failed' };
  expect(endViolations(end({ runs: [stopped], told: [whole[0], whole[4]] as [string, string][] }))).toEqual(
    [],
  );
});

test.each<[string, EndState, string]>([
  [
    'a run that is open',
    end({ runs: [{ ...run, status: 'stopping', open: true }] }),
    'run one is stopping and open',
  ],
  ['a lease', end({ leased: ['demo/web'] }), 'the lease of demo/web was never given back'],
  [
    'a lock',
    end({ leftBehind: ['demo/web/terraform.tfstate.tflock'] }),
    'demo/web/terraform.tfstate.tflock is left behind',
  ],
  [
    'a second authorization',
    end({ told: [...whole, ['apply.authorized', 'one']] }),
    'the ledger tells twice: apply.authorized of one-change',
  ],
  [
    'a second end',
    end({ told: [...whole, ['run.ended', 'one']] }),
    'the ledger tells twice: run.ended of one',
  ],
  ['an end that is not told', end({ told: whole.slice(0, 4) }), 'the ledger does not tell: run.ended of one'],
  [
    'an apply that is not told',
    end({ told: whole.filter(([type]) => type !== 'apply.authorized') }),
    'the ledger does not tell: apply.authorized of one',
  ],
  [
    'a chain with a gap',
    end({ chains: new Map([['demo', tell(...whole).filter(({ seq }) => seq !== 3)]]) }),
    'the ledger of demo breaks at 4: entry 3 is missing',
  ],
])('%s is told', (_, state, expected) => {
  expect(endViolations(state)).toContain(expected);
});
