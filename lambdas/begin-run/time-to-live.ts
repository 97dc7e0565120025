import type { Variables } from '../shared/contract';
import { InvalidInputError } from '../shared/errors';
import type { WorkspaceRecord } from '../shared/workspace-record';

const hourMs = 3_600_000;
const variable = 'time_to_live_hours';

const hoursIn = (variables: Variables | undefined): number | undefined => {
  const hours = variables?.[variable];
  return typeof hours === 'number' ? hours : undefined;
};

/**
 * The variables of what is applied, with hours added to its time to live.
 *
 * @throws InvalidInputError where it has none.
 */
export const extended = (workspace: string, variables: Variables, byHours: number): Variables => {
  const hours = hoursIn(variables);
  if (hours === undefined)
    throw new InvalidInputError(
      `${workspace} has no time to live that could be extended: it was brought to its module without ${variable}. Leave extendByHours out.`,
    );
  return { ...variables, [variable]: hours + byHours };
};

/**
 * Holds a time to live that is new to a workspace against what the configuration allows. One that is applied already
 * stays as it is.
 *
 * @throws InvalidInputError where it is too long, or was extended and would be over all the same.
 */
export const requireTimeToLive = (
  variables: Variables,
  { last, mostHours, now }: { last: Partial<WorkspaceRecord> | undefined; mostHours: number; now: Date },
): void => {
  const hours = hoursIn(variables);
  const before = hoursIn(last?.applied?.variables);
  if (hours === undefined || hours === before) return;
  if (hours > mostHours)
    throw new InvalidInputError(
      `A time to live of ${hours} hours is too long: ${mostHours} from the first apply are the most here (mostTimeToLiveHours of the configuration). ` +
        `${before === undefined ? 'Give it less.' : `It has ${before} now.`}`,
    );
  if (before === undefined || hours < before || !last?.timeToLive) return;
  const end = new Date(Date.parse(last.timeToLive.expiresAt) + (hours - before) * hourMs);
  if (end <= now)
    throw new InvalidInputError(
      `It would be over at ${end.toISOString()} all the same: hours are added to its end, which was at ${last.timeToLive.expiresAt}. Add more.`,
    );
};
