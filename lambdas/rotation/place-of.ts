import { everyTenant } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';

const ofWorkspace = /\/workspaces\/([a-z0-9][a-z0-9-]{0,62}\/[a-z0-9][a-z0-9-]{0,62})\//;

/** Whose a credential is: what a workflow made for a workspace says so in its name, anything else concerns all. */
export const placeOf = (id: string): { readonly tenant: string; readonly workspace: string | null } => {
  const workspace = ofWorkspace.exec(id)?.[1] ?? null;
  return { tenant: workspace === null ? everyTenant : tenantOf(workspace), workspace };
};
