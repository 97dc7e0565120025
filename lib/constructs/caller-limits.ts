import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { allowItem } from './access';
import type { Stores } from './stores';

/** Calls of one caller in five minutes: of a network, a link or a session. */
export interface CallerLimits {
  readonly answers: number;
  readonly signIns: number;
  /** GitHub and Slack each come from few networks, and for everybody. */
  readonly webhooks: number;
}

/** What a step reads that limits its callers. */
export const limitingEnvironment = ({ channelsTable }: Stores, most: number): Record<string, string> => ({
  LIMITS_TABLE: channelsTable.tableName,
  MOST_CALLS: String(most),
});

/** Lets a step count its callers, below its own route. */
export const allowLimiting = (grantee: IGrantable, { channelsTable }: Stores, route: string): void =>
  allowItem(grantee, channelsTable, `limit#${route}#*`, ['UpdateItem']);
