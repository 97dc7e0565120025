import type { CredentialRecord, Journal } from './journal';

/** How long a run that says nothing more keeps others away: longer than any step may take. */
export const leaseSeconds = 180;

/** Until when another run has the credential; undefined: nobody has. */
export const busyUntil = (record: CredentialRecord, runId: string, now: Date): string | undefined => {
  const { lease } = record;
  if (!lease || lease.runId === runId) return undefined;
  const left = Date.parse(lease.until) - now.getTime();
  // More than a lease ever lasts: the clock jumped back. It is over as soon as it would have been.
  return left > 0 && left <= leaseSeconds * 1000 ? lease.until : undefined;
};

export const leaseOf = (runId: string, now: Date): NonNullable<CredentialRecord['lease']> => ({
  runId,
  until: new Date(now.getTime() + leaseSeconds * 1000).toISOString(),
});

/** Takes the credential for a run, or keeps it for it: after that a whole step has time before another run may begin one. */
export const holdLease = async (
  journal: Journal,
  record: CredentialRecord,
  runId: string,
  now: Date,
): Promise<CredentialRecord> => {
  const left = Date.parse(record.lease?.until ?? '') - now.getTime();
  if (record.lease?.runId === runId && left > (leaseSeconds / 2) * 1000 && left <= leaseSeconds * 1000)
    return record;
  return journal.write({ ...record, lease: leaseOf(runId, now) });
};
