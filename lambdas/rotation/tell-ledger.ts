import { digestOf } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { traceparentOrNew } from '../shared/trace-context';
import { placeOf } from './place-of';
import type { RotationEvent } from './rotation-event';

/** Writes what happens to a credential into the ledger: each event of a version once. */
export const tellLedger =
  (ledger: Ledger<ImpersonalEvent>) =>
  ({
    type,
    credential,
    strategy,
    owner,
    version,
    runId,
    at,
    attempt,
    error,
  }: RotationEvent): Promise<void> => {
    const { tenant, workspace } = placeOf(credential);
    return ledger.append({
      tenant,
      id: `${type}:${digestOf(`${credential} ${version}`)}`,
      type,
      runId,
      actor: 'rotate-secret',
      at,
      traceparent: traceparentOrNew(undefined),
      data: { workspace, credential, strategy, owner, version, attempt, error },
    });
  };
