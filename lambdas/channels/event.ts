import { sha256Hex } from '../shared/digest';
import type { LedgerEntry } from '../shared/ledger';
import { plainText } from '../shared/plain-text';
import { type ChannelEvent, channelEvent, eventTypes } from './contract';

export interface EventSource {
  readonly environment: string;
  /** Where people reach the pages, without a slash at its end. */
  readonly publicUrl: string;
}

const published: ReadonlySet<string> = new Set(eventTypes);

const linkOf = ({ type, data: { approvalId } }: LedgerEntry, publicUrl: string): string | null => {
  if (type.startsWith('credential.')) return `${publicUrl}/credentials`;
  return typeof approvalId === 'string' ? `${publicUrl}/approvals/${approvalId}` : null;
};

/**
 * What the outside is told of a ledger entry; `undefined`: nothing, as of a run that another one tells of. An entry's fields leave by name only, so that one
 * that is added to the ledger stays inside until somebody publishes it.
 *
 * @throws ZodError when an entry of a published type is not what its type says.
 */
export const eventOf = (
  entry: LedgerEntry,
  { environment, publicUrl }: EventSource,
): ChannelEvent | undefined => {
  const { workspace, partOf } = entry.data;
  if (!published.has(entry.type) || partOf !== undefined) return undefined;
  return channelEvent.parse({
    type: entry.type,
    version: 1,
    id: `evt_${sha256Hex(`${entry.tenant}#${entry.id}`).slice(0, 32)}`,
    timestamp: entry.at,
    environment,
    tenant: entry.tenant,
    sequence: entry.seq,
    runId: entry.runId,
    workspace: workspace ?? null,
    actor: plainText(entry.actor, 1900),
    link: linkOf(entry, publicUrl),
    data: entry.data,
  }) as ChannelEvent;
};
