import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Judge } from './fault-proxy';
import { type Effect, type Fault, type Schedule, workerSteps } from './schedule';
import { leavesTask, reportedTask } from './worker-calls';
import { endWorker, holdWorker, letWorkerGo, workerBehind } from './worker-process';

/** One run on its way through the faults that are meant for it. */
export interface FaultedRun {
  readonly runId: string;
  readonly workspace: string;
  readonly schedule: Schedule;
  /** Faults that met something. */
  readonly happened: Fault[];
  /** The links of its approval, of those whose mail has been handed over. */
  readonly links: Set<string>;
  /** Whether its schedule has come to where somebody stops it. */
  stopDue: boolean;
}

const isWorker = (step: string): boolean => workerSteps.some((name) => name === step);
const linkOf = (text: string): string | undefined =>
  /https?:\/\/[^\s"'<>]+\/approvals\/[^\s"'<>]+\?key=[A-Za-z0-9_-]+/.exec(
    decodeURIComponent(text.replaceAll('+', ' ').replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25')),
  )?.[0];

interface Progress {
  readonly run: FaultedRun;
  readonly calls: Map<string, number>;
  /** The task that a worker is busy with, and its process. */
  task: string | undefined;
  worker: number | undefined;
  /** Faults at a lock that have had their one turn. */
  readonly turns: Set<Fault>;
  /** Ends of its workers that are under way. */
  readonly endings: Set<Promise<void>>;
}

/** Knows the runs that are going on, and does to each what its schedule says. */
export const makeFaultJudge = () => {
  const active = new Map<string, Progress>();
  const lastOf = new WeakMap<Socket, Progress>();
  const workerOf = new WeakMap<Socket, Promise<number | undefined>>();

  const workerAt = (socket: Socket): Promise<number | undefined> => {
    const known = workerOf.get(socket) ?? workerBehind(socket);
    workerOf.set(socket, known);
    return known;
  };

  const find = async ({ text, socket, step }: Call): Promise<Progress | undefined> => {
    for (const progress of active.values())
      if (text.includes(progress.run.runId) || text.includes(progress.run.workspace)) {
        lastOf.set(socket, progress);
        return progress;
      }
    const last = lastOf.get(socket);
    if (last && active.has(last.run.runId)) return last;
    if (!isWorker(step)) return undefined;
    // A tool asks for keys on connections that never name a workspace: whose they are is told by its process.
    const worker = await workerAt(socket);
    return [...active.values()].find(
      (progress) => worker !== undefined && progress.task !== undefined && progress.worker === worker,
    );
  };

  /** Whether the worker that a fault is meant for was held while it still did the same task for the same run. */
  const hold = async (progress: Progress, worker: number, task: string): Promise<boolean> => {
    await holdWorker(worker);
    if (active.has(progress.run.runId) && progress.task === task && progress.worker === worker) return true;
    letWorkerGo(worker);
    return false;
  };

  /** Whether the worker ended right away; it may do so later. */
  const end = async (progress: Progress, fault: Extract<Fault, { kind: 'kill' }>): Promise<boolean> => {
    const { run, task, worker } = progress;
    if (task === undefined || worker === undefined) return false;
    const carryOut = async (): Promise<boolean> => {
      if (!(await hold(progress, worker, task))) return false;
      run.happened.push(fault);
      track(progress, endWorker(worker, fault.signal));
      return true;
    };
    if (fault.afterMs === 0) return carryOut();
    track(progress, sleep(fault.afterMs).then(carryOut));
    return false;
  };
  const track = ({ endings }: Progress, what: Promise<unknown>): void => {
    const ending = what.then(() => undefined).finally(() => endings.delete(ending));
    endings.add(ending);
  };

  const isTurn = ({ turns }: Progress, fault: Fault, number: number, { method, text }: Call): boolean => {
    if (!('at' in fault)) return false;
    if (fault.at.call !== 'lock') return fault.at.call === number;
    if (turns.has(fault) || method !== 'PUT' || !/\.tflock\?/.test(text)) return false;
    turns.add(fault);
    return true;
  };

  const met = async (
    progress: Progress,
    step: string,
    number: number,
    call: Call,
  ): Promise<Effect | undefined> => {
    const { run } = progress;
    let effect: Effect | undefined;
    for (const fault of run.schedule.faults) {
      if (!('at' in fault) || fault.at.step !== step) continue;
      if (fault.kind === 'service') {
        if (number < fault.at.call || number >= fault.at.call + fault.times) continue;
        effect = fault.effect;
        if (!run.happened.includes(fault)) run.happened.push(fault);
        continue;
      }
      if (!isTurn(progress, fault, number, call)) continue;
      if (fault.kind === 'stop') run.stopDue = true;
      else if (await end(progress, fault))
        effect = fault.at.call === 'lock' || number % 2 === 1 ? 'land-then-drop' : 'drop';
    }
    return effect;
  };

  const judge: Judge = async (call) => {
    const progress = await find(call);
    if (!progress) return 'pass';
    const { run } = progress;
    const reported = reportedTask(call.text);
    const repeated = reported !== undefined && reported === progress.task;
    if (isWorker(call.step) && reported !== undefined) {
      progress.worker = await workerAt(call.socket);
      progress.task = reported;
    }
    if (leavesTask(call.text)) progress.task = undefined;
    // How often a worker says that it lives depends on how long it takes: those calls count for nothing.
    if (repeated) return 'pass';
    const step = isWorker(call.step) ? (progress.task ?? call.step) : call.step;
    const refuse = run.schedule.faults.find(({ kind }) => kind === 'refuse-state');
    if (
      refuse &&
      step === 'terraform-apply' &&
      call.method === 'PUT' &&
      /terraform\.tfstate\?/.test(call.text)
    ) {
      if (!run.happened.includes(refuse)) run.happened.push(refuse);
      return 'refuse';
    }
    const number = progress.calls.get(step) ?? 0;
    progress.calls.set(step, number + 1);
    const effect = await met(progress, step, number, call);
    const arrives = effect === undefined || effect === 'twice' || effect === 'land-then-drop';
    const link = arrives && call.service === 'sns' ? linkOf(call.text) : undefined;
    if (link) run.links.add(link);
    return effect ?? 'pass';
  };

  return {
    judge,
    /** From here on the run's calls are told from others'. */
    follow: (run: FaultedRun): void => {
      active.set(run.runId, {
        run,
        calls: new Map(),
        task: undefined,
        worker: undefined,
        turns: new Set(),
        endings: new Set(),
      });
    },
    /** Leaves the run alone, once what is being done to it is done. */
    release: async (run: FaultedRun): Promise<void> => {
      const { endings = new Set() } = active.get(run.runId) ?? {};
      active.delete(run.runId);
      while (endings.size > 0) await Promise.all(endings);
    },
  };
};
export type FaultJudge = ReturnType<typeof makeFaultJudge>;
