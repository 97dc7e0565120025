import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { workerSilenceSeconds } from '../../lambdas/shared/run-record';
import { driveRun, type ExecutionEnd } from './drive-run';
import { endViolations } from './end-state';
import type { FaultPlatform } from './fault-platform';
import type { FaultedRun, FaultJudge } from './faulted-run';
import { inspectEnd, inspectRun, isSettled, leftoversOf, type Workspace } from './inspect';
import { calmSchedule, describeFault, type Schedule, scheduleOf } from './schedule';
import { emptyHistory, learn, violationsOf } from './workspace-history';

/** Runs that go on at the same time. */
const lanes = 4;
/** More than lanes: a workspace whose worker was killed is busy until the worker has been silent long enough. */
const workspaces = 12;
const settleWithinMs = (workerSilenceSeconds + 150) * 1000;
const sweepEveryMs = 4000;

export interface SuiteReport {
  readonly runs: number;
  readonly violations: readonly string[];
  readonly outcomes: Readonly<Record<string, number>>;
  readonly happened: Readonly<Record<string, number>>;
  /** Locks and rescued states that were left to the lock doctor. */
  readonly leftToDoctor: number;
  readonly seconds: number;
}

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** Runs the schedules of these seeds, several at a time, and looks at what each leaves. */
export const runSuite = async (
  platform: FaultPlatform,
  judge: FaultJudge,
  options: {
    seeds: readonly string[];
    onRun: (text: string, violations: readonly string[]) => void;
  },
): Promise<SuiteReport> => {
  const { signal } = platform.bench;
  const began = Date.now();
  const violations: string[] = [];
  const outcomes: Record<string, number> = {};
  const happened: Record<string, number> = {};
  let leftToDoctor = 0;
  let runs = 0;
  let over = false;

  const free: Workspace[] = Array.from({ length: workspaces }, (_, index) => ({
    // No name is the beginning of another: calls are told apart by it.
    name: `faults-${index % 3}/box-${String.fromCharCode(97 + index)}`,
    // What Ansible does costs most of a run's time; the others have more runs of everything else.
    host: index % 4 === 0 ? `box-${String.fromCharCode(97 + index)}` : null,
    revision: 0,
    note: 0,
    history: emptyHistory,
  }));
  const waiting: ((workspace: Workspace) => void)[] = [];
  const take = async (): Promise<Workspace> =>
    free.shift() ?? new Promise((resolve) => waiting.push(resolve));
  const giveBack = (workspace: Workspace): void => {
    const next = waiting.shift();
    if (next) next(workspace);
    else free.push(workspace);
  };

  const settle = async (run: FaultedRun): Promise<void> => {
    const until = Date.now() + settleWithinMs;
    while (!(await isSettled(platform, run)) && Date.now() < until) await sleep(1000, undefined, { signal });
  };

  const settling = new Set<Promise<void>>();
  const lookAt = async (seed: string, run: FaultedRun, workspace: Workspace, ended: ExecutionEnd) => {
    await settle(run);
    const before = await leftoversOf(platform, workspace.name);
    if (before.locked || before.rescued) {
      leftToDoctor++;
      // As its schedule does: it examines whatever is locked, the workspaces of living runs too.
      await platform.sweep('lock-doctor');
    }
    const traces = await inspectRun(platform, workspace, run, { ended, before });
    const found = violationsOf(workspace.history, traces);
    workspace.history = learn(workspace.history, traces);
    const outcome = traces.recorded?.outcome ?? 'not begun';
    count(outcomes, outcome);
    for (const fault of run.happened) count(happened, fault.kind === 'service' ? fault.effect : fault.kind);
    const told = `${seed} ${workspace.name} ${run.runId} ${outcome} [${run.happened.map(describeFault).join('; ')}]`;
    violations.push(...found.map((text) => `${told}: ${text}`));
    options.onRun(told, found);
    giveBack(workspace);
  };

  /** Resolves when the run has ended; what it left is looked at while others go on. */
  const runOne = async (seed: string, schedule: Schedule, workspace: Workspace): Promise<void> => {
    runs++;
    if (schedule.changes.module || workspace.revision === 0) workspace.revision++;
    if (schedule.changes.role || workspace.note === 0) workspace.note++;
    const run: FaultedRun = {
      runId: ulid(),
      workspace: workspace.name,
      schedule,
      happened: [],
      links: new Set(),
      stopDue: false,
    };
    const ended = await driveRun(platform, judge, run, {
      workspace: workspace.name,
      module: 'fault-box',
      variables: { name: workspace.host, revision: workspace.revision },
      role: 'fault-notes',
      roleVariables: { fault_notes_text: `note ${workspace.note}` },
      reason: `Seed ${seed}`,
    });
    const looking = lookAt(seed, run, workspace, ended).finally(() => settling.delete(looking));
    settling.add(looking);
  };

  const sweeping = (async () => {
    while (!over) {
      await sleep(sweepEveryMs, undefined, { signal });
      await Promise.all([platform.sweep('reconcile-run'), platform.sweep('send-callback')]);
    }
  })();

  const queue = options.seeds.map((seed) => ({ seed, schedule: scheduleOf(seed) }));
  const inLanes = (lane: () => Promise<void>) => Promise.all(Array.from({ length: lanes }, lane));
  await inLanes(async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      await runOne(next.seed, next.schedule, await take());
  });
  await Promise.all(settling);
  // Whatever happened to a workspace, the next run on it works.
  const used = free.splice(0).filter(({ revision }) => revision > 0);
  await inLanes(async () => {
    for (let workspace = used.shift(); workspace; workspace = used.shift())
      await runOne('calm', calmSchedule({ module: false, role: false }), workspace);
  });
  await Promise.all(settling);
  over = true;
  await sweeping;
  violations.push(...endViolations(await inspectEnd(platform)));
  return { runs, violations, outcomes, happened, leftToDoctor, seconds: (Date.now() - began) / 1000 };
};
