import { makeRandom, type Random } from './random';

/** What the network or a service does to one call. */
export const effects = ['throttle', 'break', 'drop', 'land-then-drop', 'twice'] as const;
export type Effect = (typeof effects)[number];

/** The n-th call, from 0, that a step makes for the run; or the one by which OpenTofu takes the lock of the state. */
export interface CallPoint<At extends number | 'lock' = number> {
  readonly step: string;
  readonly call: At;
}

export type Fault =
  /** The call, and those right after it, fail. */
  | { readonly kind: 'service'; readonly at: CallPoint; readonly effect: Effect; readonly times: number }
  /** The worker that makes the call is ended with all that it started, some time after the call. */
  | {
      readonly kind: 'kill';
      readonly at: CallPoint<number | 'lock'>;
      readonly signal: 'SIGKILL' | 'SIGTERM';
      readonly afterMs: number;
    }
  /** The state is not stored, and no repetition helps: as when a session has expired. */
  | { readonly kind: 'refuse-state' }
  /** Somebody stops the execution: some time after its start, or when the lock is taken. */
  | { readonly kind: 'stop'; readonly afterMs: number }
  | { readonly kind: 'stop'; readonly at: CallPoint<'lock'> };

/** What one seeded run asks for, and what happens to it. */
export interface Schedule {
  /** Whether the module's variable, and the role's, differ from those of the run before. */
  readonly changes: { readonly module: boolean; readonly role: boolean };
  readonly decision: 'approve' | 'reject';
  readonly faults: readonly Fault[];
}

/** Steps by how often a fault meets them, and the calls they make. */
const steps: readonly (readonly [{ step: string; calls: number }, number])[] = [
  [{ step: 'begin-run', calls: 6 }, 2],
  [{ step: 'terraform-plan', calls: 14 }, 4],
  [{ step: 'ansible-run', calls: 12 }, 3],
  [{ step: 'bind-change', calls: 5 }, 2],
  [{ step: 'request-approval', calls: 8 }, 2],
  [{ step: 'approval-pages', calls: 3 }, 1],
  [{ step: 'decide-approval', calls: 8 }, 2],
  [{ step: 'send-callback', calls: 6 }, 2],
  [{ step: 'authorize-change', calls: 6 }, 2],
  [{ step: 'terraform-apply', calls: 18 }, 6],
  [{ step: 'compliance-scan', calls: 4 }, 1],
  [{ step: 'end-run', calls: 8 }, 3],
  [{ step: 'notify', calls: 2 }, 1],
];
/** Workers run tools for a while; the other steps are over at once. */
export const workerSteps = ['terraform-plan', 'terraform-apply', 'ansible-run', 'compliance-scan'] as const;
const workers = steps.filter(([{ step }]) => workerSteps.some((name) => name === step));

/** While it holds the lock is when the end of a worker does most harm, and that time is short. */
const underLock = (random: Random): CallPoint<'lock'> => ({
  step: random.pick([
    ['terraform-apply', 3],
    ['terraform-plan', 1],
  ] as const),
  call: 'lock',
});

const faultOf = (random: Random): Fault => {
  const kind = random.pick([
    ['service', 11],
    ['kill', 6],
    ['stop', 2],
    ['refuse-state', 1],
  ] as const);
  const pointIn = (among: typeof steps): CallPoint => {
    const { step, calls } = random.pick(among);
    return { step, call: random.below(calls) };
  };
  switch (kind) {
    case 'service':
      return {
        kind,
        at: pointIn(steps),
        effect: random.pick(effects.map((effect) => [effect, effect === 'land-then-drop' ? 3 : 1] as const)),
        times: random.pick([
          [1, 3],
          [2, 1],
          [4, 2],
        ] as const),
      };
    case 'kill':
      return {
        kind,
        at: random.below(2) === 0 ? underLock(random) : pointIn(workers),
        signal: random.pick([
          ['SIGKILL', 3],
          ['SIGTERM', 1],
        ] as const),
        afterMs: random.pick([
          [0, 1],
          [random.below(500), 2],
        ] as const),
      };
    case 'stop':
      return random.below(2) === 0 ? { kind, at: underLock(random) } : { kind, afterMs: random.below(6000) };
    case 'refuse-state':
      return { kind };
  }
};

/** The schedule of one run; the same seed gives the same schedule. */
export const scheduleOf = (seed: string): Schedule => {
  const random = makeRandom(seed);
  return {
    changes: { module: random.below(4) > 0, role: random.below(2) > 0 },
    decision: random.below(10) > 0 ? 'approve' : 'reject',
    faults: Array.from(
      {
        length: random.pick([
          [1, 5],
          [2, 3],
          [3, 1],
        ] as const),
      },
      () => faultOf(random),
    ),
  };
};

/** Nothing happens to it. */
export const calmSchedule = (changes: Schedule['changes']): Schedule => ({
  changes,
  decision: 'approve',
  faults: [],
});

/** What a person reads about a fault. */
export const describeFault = (fault: Fault): string => {
  const at =
    'at' in fault ? `${fault.at.step}, ${fault.at.call === 'lock' ? 'lock' : `call ${fault.at.call}`}` : '';
  switch (fault.kind) {
    case 'service':
      return `${fault.effect} ×${fault.times} (${at})`;
    case 'kill':
      return `${fault.signal} ${fault.afterMs} ms after ${at}`;
    case 'stop':
      return 'at' in fault ? `stopped at ${at}` : `stopped after ${fault.afterMs} ms`;
    case 'refuse-state':
      return 'the state is not stored';
  }
};

/** Nothing is changed by a plan: when its worker dies at once, it is made again. */
const isRepeated = ({ at, signal }: Extract<Fault, { kind: 'kill' }>): boolean =>
  at.step === 'terraform-plan' && signal === 'SIGKILL';

/**
 * Whether the run must reach its end as if nothing had happened: single failed calls are repeated by the SDK, a
 * step that gives up and a plan whose worker died are repeated by their workflow. A worker's tool does not survive a
 * long outage.
 */
export const mustSucceed = (happened: readonly Fault[]): boolean => {
  const failed = new Map<string, number>();
  let deaths = 0;
  for (const fault of happened) {
    if (fault.kind === 'kill' && isRepeated(fault) && ++deaths === 1) continue;
    if (fault.kind !== 'service') return false;
    if (fault.effect !== 'twice') failed.set(fault.at.step, (failed.get(fault.at.step) ?? 0) + fault.times);
  }
  return [...failed].every(([step, times]) => times <= 2 || !workerSteps.some((name) => name === step));
};
