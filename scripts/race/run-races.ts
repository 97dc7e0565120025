import { openDecisionForm, sendDecisionForm } from '../../local/approve-client';
import { judgeRound, type RaceAnswer } from './judge-round';
import { withoutThrottle } from './lifted-throttle';
import { makeRaceGates, type RaceGate, type RacePlatform } from './race-gate';

export interface RaceReport {
  readonly rounds: number;
  readonly answers: number;
  readonly violations: readonly string[];
  /** How often each ended so, and what those who answered got. */
  readonly counts: Readonly<Record<string, number>>;
  readonly answerMs: readonly number[];
}

/** So many approvals are opened while nobody answers: opening them is not what is raced. */
const openedAtOnce = 8;

/** Everybody answers at once, each person many times and in both ways. */
const answerAtOnce = async (gate: RaceGate, count: number, answerMs: number[]): Promise<RaceAnswer[]> => {
  const forms = await Promise.all(
    Object.entries(gate.links).map(async ([person, link]) => ({
      person,
      form: await openDecisionForm(link),
    })),
  );
  const sends = Array.from({ length: count }, async (_, index): Promise<RaceAnswer> => {
    const { person, form } = forms[index % forms.length] ?? { person: '', form: undefined };
    if (!form) throw new Error('nobody answers');
    const decision = Math.random() < 0.5 ? 'approve' : 'reject';
    const sentAt = performance.now();
    const response = await sendDecisionForm(form, { decision });
    const page = await response.text();
    answerMs.push(performance.now() - sentAt);
    return { person, decision, status: response.status, page };
  });
  return Promise.all(sends);
};

interface RaceOptions {
  readonly rounds: number;
  /** To each approval, at the same moment. */
  readonly answers: number;
  readonly onRound?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Lets many people decide at the same moment, round after round, and judges each. */
export const runRaces = (platform: RacePlatform, options: RaceOptions): Promise<RaceReport> =>
  withoutThrottle(platform, () => race(platform, options));

const race = async (platform: RacePlatform, options: RaceOptions): Promise<RaceReport> => {
  const gates = await makeRaceGates(platform);
  const counts: Record<string, number> = {};
  const answerMs: number[] = [];
  const raced: { gate: RaceGate; answers: RaceAnswer[] }[] = [];
  const note = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  while (raced.length < options.rounds && !options.signal?.aborted) {
    const first = raced.length;
    const batch = await Promise.all(
      Array.from({ length: Math.min(openedAtOnce, options.rounds - first) }, (_, index) =>
        gates.open(first + index, (first + index) % 2 === 0 ? 1 : 2),
      ),
    );
    for (const gate of batch) {
      raced.push({ gate, answers: await answerAtOnce(gate, options.answers, answerMs) });
      options.onRound?.(raced.length);
    }
  }
  const violations: string[] = [];
  const told = new Map<string, Awaited<ReturnType<typeof gates.told>>>();
  for (const { gate } of raced) told.set(gate.approvalId, await gates.told(gate));
  const { entries, broken } = await gates.ledger();
  if (broken) violations.push(`the chain of the ledger: ${broken}`);
  for (const [index, { gate, answers }] of raced.entries()) {
    const record = await gates.record(gate.approvalId);
    const ledger = entries.filter(({ data }) => data.approvalId === gate.approvalId);
    const wrong = judgeRound({
      answers,
      record,
      ledger,
      told: told.get(gate.approvalId) ?? { times: 0, outcome: undefined },
      people: gate.people,
    });
    note(`${gate.people} must approve: ${record.status}`);
    for (const { status } of answers) note(`answered ${status}`);
    violations.push(...wrong.map((text) => `round ${index}: ${text}`));
  }
  return { rounds: raced.length, answers: raced.length * options.answers, violations, counts, answerMs };
};
