import type { Approver } from '../approval-mail/reach';
import { hasAsked } from '../approval-rules/people';
import { type Asked, canBeMet, whomToAsk } from '../approval-rules/whom-to-ask';
import type { Change } from '../shared/change';
import { ApproversUnreachableError } from '../shared/errors';

/**
 * Refuses to ask when the people whom mail reaches could not settle the matter, whatever they answered: the run would
 * wait until it expires, and nobody would know why. Where people sign in, others may come as well: one who hears of it
 * is enough.
 *
 * @throws ApproversUnreachableError
 */
export const requireReachable = (
  change: Pick<Change, 'id' | 'workspace'>,
  asked: Asked,
  approvers: readonly Approver[],
  { unreachable, othersMayCome }: { unreachable: ReadonlySet<string>; othersMayCome: boolean },
): void => {
  const reachable = approvers.filter(({ id }) => !unreachable.has(id));
  if (canBeMet(asked, reachable) || (othersMayCome && whomToAsk(asked, reachable, 0).length > 0)) return;
  const needed = asked.demands.approvals
    .flatMap(({ rule, quorums }) =>
      quorums.map(({ people, from }) => `${people} of ${from.join(' or ')} (rule ${rule})`),
    )
    .join(', ');
  const wanted = whomToAsk(asked, approvers, asked.demands.escalations.length);
  const silent = wanted.filter(({ id }) => unreachable.has(id)).map(({ id }) => id);
  const own = approvers.some(({ id }) => hasAsked(asked.starter, id));
  throw new ApproversUnreachableError(
    [
      `Nobody was asked about change ${change.id} of ${change.workspace}: it needs ${needed}.`,
      `Mail reaches ${wanted.length - silent.length} of those who may approve${own ? ', and whoever asked for the change is not one of them' : ''}.`,
      silent.length > 0
        ? `Confirm the subscription of ${silent.join(', ')}, then start a new run.`
        : 'Have more approvers configured, then start a new run.',
    ].join(' '),
  );
};
