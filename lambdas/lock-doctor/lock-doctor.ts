import type { ExecutionStatus } from '../shared/execution-status';
import type { LeaseStore } from '../shared/lease-store';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { logger } from '../shared/logger';
import { tenantOf } from '../shared/names';
import type { RunRecord } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { traceparentOrNew } from '../shared/trace-context';
import type { WakeCallback } from '../shared/wake-callback';
import type { Diagnosis, LockDoctorInput, LockDoctorOutput, Repair } from './contract';
import { diagnose, type Facts, type RunFacts } from './diagnose';
import type { StateObjects, StoredState } from './state-objects';

interface Deps {
  readonly runs: Pick<RunStore, 'get' | 'listOfWorkspace'>;
  readonly leases: Pick<LeaseStore, 'find' | 'release'>;
  readonly objects: StateObjects;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly executionStatus: (executionArn: string) => Promise<ExecutionStatus>;
  readonly wakeCallback: WakeCallback;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

interface Gathered extends Facts {
  readonly state: StoredState | undefined;
  readonly rescued: StoredState | undefined;
}

/** How long the doctor watches for signs of life: longer than the silence that proves the opposite. */
const watchMs = 45_000;

const inWords: Readonly<Record<Repair, string>> = {
  'release-lock': 'release the lock',
  'release-lease': 'give the workspace back',
  'restore-state': 'put the rescued state in its place',
};

const wasUnderWay = (run: RunRecord, at: string): boolean =>
  run.startedAt <= at && (run.endedAt === undefined || Date.parse(run.endedAt) + 60_000 >= Date.parse(at));

/**
 * Finds out what holds a workspace, from the lease, OpenTofu's lock, the run's record, its execution and its
 * worker's signs of life; releases what is provably dead and restores a rescued state. It says why, and the ledger
 * keeps it.
 */
export const makeLockDoctor = (deps: Deps) => {
  /** Looks again and again at one workspace. */
  const watch = (workspace: string) => {
    const watchedSince = new Map<string, Date>();
    const factsOf = async (run: RunRecord | undefined): Promise<RunFacts | undefined> => {
      if (!run) return undefined;
      const status = await deps.executionStatus(run.executionArn);
      const since = run.worker ? undefined : watchedSince.get(run.runId);
      watchedSince.set(run.runId, since ?? deps.now());
      return {
        ...run,
        watchedSince: since ?? deps.now(),
        execution:
          status === 'RUNNING' || status === 'PENDING_REDRIVE'
            ? 'RUNNING'
            : status === 'GONE'
              ? 'GONE'
              : 'ENDED',
      };
    };
    return async (): Promise<Gathered> => {
      // The lock first: whoever took it had the lease by then.
      const lock = await deps.objects.lock(workspace);
      const lease = await deps.leases.find(workspace);
      const rescued = await deps.objects.rescued(workspace);
      const past = lock ? await deps.runs.listOfWorkspace(workspace, lock.createdAt) : [];
      const former = past.find(
        (run) =>
          run.runId !== lease?.runId && !run.content?.preview && wasUnderWay(run, lock?.createdAt ?? ''),
      );
      return {
        workspace,
        lock,
        lease,
        rescued,
        state: rescued && (await deps.objects.state(workspace)),
        holder: await factsOf(lease && (await deps.runs.get(lease.runId))),
        former: await factsOf(former),
        now: deps.now(),
      };
    };
  };

  /** It says why as it was found, but not by whom: the name in a lock is one that a machine gave, or a person. */
  const record = (facts: Gathered, type: string, id: string): Promise<void> => {
    const { workspace, lock, lease, former } = facts;
    const { findings } = diagnose({ ...facts, lock: lock && { ...lock, who: 'somebody' } });
    const event: ImpersonalEvent = {
      tenant: tenantOf(workspace),
      id: `${type}:${id}`,
      type,
      runId: lease?.runId ?? former?.runId ?? 'unknown',
      actor: 'lock-doctor',
      at: facts.now.toISOString(),
      traceparent: traceparentOrNew(undefined),
      data: { workspace, lockId: lock?.id ?? null, reasons: findings },
    };
    return deps.ledger.append(event);
  };

  /** The ledger first: it is written once, and a repair that a crash prevented is found again. */
  const carryOut = async (repair: Repair, facts: Gathered): Promise<boolean> => {
    const { workspace, lock, lease, rescued, state } = facts;
    if (repair === 'release-lock' && lock) {
      await record(facts, 'lock.released', lock.id);
      return deps.objects.removeLock(workspace, lock);
    }
    if (repair === 'restore-state' && rescued) {
      await record(facts, 'state.restored', `${rescued.lineage}:${rescued.serial}`);
      return deps.objects.restore(workspace, rescued, state);
    }
    if (repair === 'release-lease' && lease) {
      await record(facts, 'lease.released', lease.runId);
      const at = facts.now.toISOString();
      for (const leasedTo of await deps.leases.release({ workspace, runId: lease.runId, at }))
        await deps.wakeCallback({ leasedTo });
      return true;
    }
    return false;
  };

  const examine = async (workspace: string, mayRepair: boolean): Promise<Diagnosis> => {
    const look = watch(workspace);
    const until = deps.now().getTime() + watchMs;
    let facts = await look();
    let diagnosis = diagnose(facts);
    while (diagnosis.mayClear && deps.now().getTime() < until) {
      await deps.sleep(1000);
      facts = await look();
      diagnosis = diagnose(facts);
    }
    const { verdict, findings } = diagnosis;
    if (!mayRepair) {
      const would = diagnosis.repairs.map((repair) => inWords[repair]).join(', then ');
      return {
        workspace,
        verdict,
        findings: would ? [...findings, `A repair would ${would}.`] : findings,
        repairs: [],
      };
    }
    const repairs: Repair[] = [];
    for (const repair of diagnosis.repairs) {
      if (!(await carryOut(repair, facts))) {
        findings.push(`It did not ${inWords[repair]}: what it had found changed meanwhile. Ask again.`);
        break;
      }
      repairs.push(repair);
    }
    return { workspace, verdict, findings, repairs };
  };

  return async (input: LockDoctorInput): Promise<LockDoctorOutput> => {
    if ('workspace' in input) return { examined: [await examine(input.workspace, input.repair ?? true)] };
    const examined = await Promise.all(
      (await deps.objects.listTroubled()).map(async (workspace) => {
        try {
          return [await examine(workspace, true)];
        } catch (error) {
          logger.error(`${workspace} could not be examined; the next sweep tries again`, error as Error);
          return [];
        }
      }),
    );
    return { examined: examined.flat() };
  };
};
