import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Judge } from './fault-proxy';
import { type Effect, type Fault, type Schedule, workerSteps } from './schedule';
import { endWorker, workerBehind } from './worker-process';

/** One run on its way through the faults that are meant for it. */
export interface FaultedRun {
  readonly runId: string;
  readonly workspace: string;
  readonly schedule: Schedule;
  /** Faults that met something. */
  readonly happened: Fault[];
  /** The link of its approval, once a mail with it has been handed over. */
  link: string | undefined;
}

const heartbeat = /"SET worker = :worker"/;
const taskOf = (text: string): string | undefined => /"task":\{"S":"([a-z-]+)"\}/.exec(text)?.[1];
const isWorker = (step: string): boolean => workerSteps.some((name) => name === step);
const linkOf = (text: string): string | undefined =>
  /https?:\/\/[^\s"'<>]+\/approvals\/[^\s"'<>]+\?key=[A-Za-z0-9_-]+/.exec(
    decodeURIComponent(text.replaceAll('+', ' ').replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25')),
  )?.[0];

interface Progress {
  readonly run: FaultedRun;
  readonly calls: Map<string, number>;
  /** The task that a worker is busy with. */
  task: string | undefined;
}

/** Knows the runs that are going on, and does to each what its schedule says. */
export const makeFaultJudge = () => {
  const active = new Map<string, Progress>();
  const lastOf = new WeakMap<Socket, Progress>();
  /** Ends of workers that are under way. */
  const endings = new Set<Promise<void>>();

  const find = ({ text, socket, step }: Call): Progress | undefined => {
    for (const progress of active.values())
      if (text.includes(progress.run.runId) || text.includes(progress.run.workspace)) {
        lastOf.set(socket, progress);
        return progress;
      }
    const last = lastOf.get(socket);
    if (last && active.has(last.run.runId)) return last;
    // A tool asks for keys on connections that never name a workspace.
    return [...active.values()].find(({ task }) => task !== undefined && task === step);
  };

  const end = async (progress: Progress, fault: Extract<Fault, { kind: 'kill' }>, socket: Socket) => {
    const { task } = progress;
    const worker = await workerBehind(socket);
    if (worker === undefined) return;
    await sleep(fault.afterMs);
    // By now it may be busy for somebody else.
    if (fault.afterMs > 0 && (progress.task !== task || !active.has(progress.run.runId))) return;
    progress.run.happened.push(fault);
    await endWorker(worker, fault.signal);
  };

  const met = (progress: Progress, step: string, call: number, { socket }: Call): Effect | undefined => {
    const { run } = progress;
    let effect: Effect | undefined;
    for (const fault of run.schedule.faults) {
      if (!('at' in fault) || fault.at.step !== step) continue;
      if (fault.kind === 'service' && call >= fault.at.call && call < fault.at.call + fault.times) {
        effect = fault.effect;
        if (!run.happened.includes(fault)) run.happened.push(fault);
      }
      if (fault.kind === 'kill' && call === fault.at.call) {
        const ending = end(progress, fault, socket).finally(() => endings.delete(ending));
        endings.add(ending);
        if (fault.afterMs === 0) effect = call % 2 === 0 ? 'drop' : 'land-then-drop';
      }
    }
    return effect;
  };

  const judge: Judge = async (call) => {
    const progress = find(call);
    if (!progress) return 'pass';
    const { run } = progress;
    const repeated = heartbeat.test(call.text) && taskOf(call.text) === progress.task;
    if (isWorker(call.step) && heartbeat.test(call.text)) progress.task = taskOf(call.text);
    if (call.text.includes('"REMOVE worker"')) progress.task = undefined;
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
    const effect = met(progress, step, number, call);
    const arrives = effect === undefined || effect === 'twice' || effect === 'land-then-drop';
    if (arrives && call.service === 'sns') run.link ??= linkOf(call.text);
    return effect ?? 'pass';
  };

  return {
    judge,
    /** From here on the run's calls are told from others'. */
    follow: (run: FaultedRun): void => {
      active.set(run.runId, { run, calls: new Map(), task: undefined });
    },
    /** Leaves the run alone, once what is being done to it is done. */
    release: async (run: FaultedRun): Promise<void> => {
      active.delete(run.runId);
      await Promise.all(endings);
    },
  };
};
export type FaultJudge = ReturnType<typeof makeFaultJudge>;
