import { digestOf } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import { everyTenant, type ImpersonalEvent } from '../shared/ledger-event';
import { traceparentOrNew } from '../shared/trace-context';
import type { RotationEvent } from './rotation-event';

/** Whose credential it is: secrets of workspaces stand below `…/workspaces/<tenant>/`. */
const tenantOfCredential = (id: string): string =>
  /\/workspaces\/([a-z0-9-]+)\//.exec(id)?.[1] ?? everyTenant;

/** Writes what happens to a credential into the ledger: each event of a version once. */
export const tellLedger =
  (ledger: Ledger<ImpersonalEvent>) =>
  ({ type, credential, strategy, version, runId, at, attempt, error }: RotationEvent): Promise<void> =>
    ledger.append({
      tenant: tenantOfCredential(credential),
      id: `${type}:${digestOf(`${credential} ${version}`)}`,
      type,
      runId,
      actor: 'orchestrator',
      at,
      traceparent: traceparentOrNew(undefined),
      data: { credential, strategy, version, attempt, error },
    });
