import { utc } from '../shared/describe-change';
import { sha256Hex } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { logger } from '../shared/logger';
import { tenantOf } from '../shared/names';
import type { PublishMail } from '../shared/publish-mail';
import { dueWarning } from '../shared/time-to-live';
import { traceparentOrNew } from '../shared/trace-context';
import type { TimeToLive } from '../shared/workspace-record';
import type { TimedWorkspace, WorkspaceStore } from '../shared/workspace-store';
import type { TendTimeToLiveOutput } from './contract';

interface Deps {
  readonly workspaces: Pick<WorkspaceStore, 'listTimed' | 'get' | 'tendTimeToLive'>;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly sendMail: PublishMail;
  readonly topicArn: string;
  /** Starts a run of this name, unless there is one. */
  readonly decommission: (runId: string, input: Readonly<Record<string, string>>) => Promise<void>;
  readonly now: () => Date;
}

/** As it stands in `approval.principals`: `schedule/time-to-live`. */
const requester = 'schedule:time-to-live';

/** The run that ends a workspace: one for each end, however often it is started. */
const endingRun = (workspace: string, { expiresAt }: TimeToLive): string =>
  `ttl-${sha256Hex(`${workspace} ${expiresAt}`).slice(0, 24)}`;

const spoken: Readonly<Record<number, string>> = { 168: '7 days', 24: '1 day', 1: '1 hour' };

/**
 * Warns before a workspace ends, each warning once, and starts its decommission when it is over. What was missed is not
 * made up for: of several warnings that are due, people get the last.
 */
export const makeTendTimeToLive = (deps: Deps) => {
  const record = (type: string, { workspace, timeToLive }: TimedWorkspace, hours: number | null) =>
    deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `${type}:${workspace}:${timeToLive.expiresAt}${hours === null ? '' : `:${hours}`}`,
      type,
      runId: endingRun(workspace, timeToLive),
      actor: 'tend-time-to-live',
      at: deps.now().toISOString(),
      traceparent: traceparentOrNew(undefined),
      data: { workspace, expiresAt: timeToLive.expiresAt, ...(hours !== null && { hours }) },
    });

  const warn = async (one: TimedWorkspace, hours: number): Promise<boolean> => {
    const { workspace, timeToLive } = one;
    const claimed = { ...timeToLive, warned: hours };
    if (!(await deps.workspaces.tendTimeToLive(workspace, timeToLive, claimed))) return false;
    const left = spoken[hours] ?? `${hours} hours`;
    try {
      await deps.sendMail({
        topicArn: deps.topicArn,
        subject: `${workspace} ends in ${left}`,
        text: [
          `The time to live of ${workspace} is over at ${utc(timeToLive.expiresAt)}: in ${left} or less.`,
          'A run of decommission then asks its approvers whether everything in it is to be destroyed.',
          '',
          'Next: to keep it longer, ask for hours on top, a change that is approved as any other:',
          `  orchestrator extend --workspace ${workspace} --hours 168 --reason "<why>"`,
          '',
        ].join('\n'),
      });
    } catch (error) {
      await deps.workspaces.tendTimeToLive(workspace, claimed, timeToLive);
      throw error;
    }
    await record('time-to-live.warned', one, hours);
    return true;
  };

  const end = async (one: TimedWorkspace): Promise<boolean> => {
    const { workspace, timeToLive } = one;
    const now = await deps.workspaces.get(workspace);
    // Destroyed, or applied anew, since it was listed.
    if (!now?.applied || now.timeToLive?.expiresAt !== timeToLive.expiresAt) return false;
    const runId = endingRun(workspace, timeToLive);
    await deps.decommission(runId, {
      workspace,
      reason: `Its time to live was over at ${timeToLive.expiresAt}`,
      requestedBy: requester,
      whenBusy: 'wait',
    });
    await record('time-to-live.ended', one, null);
    await deps.workspaces.tendTimeToLive(workspace, timeToLive, { ...timeToLive, endedBy: runId });
    return true;
  };

  return async (): Promise<TendTimeToLiveOutput> => {
    const result: TendTimeToLiveOutput = { warned: [], ended: [], failed: [] };
    const now = deps.now();
    for (const one of await deps.workspaces.listTimed()) {
      const { workspace, timeToLive } = one;
      if (timeToLive.endedBy !== null) continue;
      const due = dueWarning(timeToLive.expiresAt, now);
      const isWarned = due === null || (timeToLive.warned !== null && timeToLive.warned <= due);
      try {
        if (timeToLive.expiresAt <= now.toISOString()) {
          if (await end(one)) result.ended.push(workspace);
        } else if (!isWarned && (await warn(one, due))) result.warned.push(workspace);
      } catch (error) {
        logger.error('an end could not be tended; a later sweep tries again', {
          workspace,
          code: error instanceof Error ? error.name : 'unknown',
        });
        result.failed.push(workspace);
      }
    }
    return result;
  };
};
