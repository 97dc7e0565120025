import * as z from 'zod';

/**
 * Who has a workspace, and who waits for it: one item of the leases table (partition key `workspace`). There is an
 * item exactly while somebody holds the workspace, so that whoever waits is handed the lease and nobody overtakes.
 */
export const lease = z.object({
  workspace: z.string(),
  runId: z.string(),
  acquiredAt: z.string(),
  /** Counts the changes of holder and queue; each is made against the one it was read at. */
  revision: z.int(),
  /** Runs that wait, first come first. Each has a {@link Ticket}. */
  queue: z.array(z.string()),
});
export type Lease = z.infer<typeof lease>;

/** More do not wait for one workspace: they are refused. */
export const queueLimit = 100;

/**
 * The workspaces of one tenant that runs hold at once, where a cap limits them, and all who wait for one of them: one
 * item of the leases table. There is an item exactly while somebody holds or waits. It changes with the leases, in one
 * transaction, so that a place is free exactly when its lease is.
 */
export const tenantLine = z.object({
  /** The table's key: {@link lineKey}. */
  workspace: z.string(),
  /** `null`: not limited any more. */
  cap: z.int().nullable(),
  revision: z.int(),
  /** Which run has which workspace. */
  held: z.record(z.string(), z.string()),
  /** First come first; who waits for a workspace that is busy holds up nobody who waits for another. */
  queue: z.array(z.object({ runId: z.string(), workspace: z.string() })),
});
export type TenantLine = z.infer<typeof tenantLine>;

/** The leases table's key of a tenant's line: no workspace is named so. */
export const lineKey = (tenant: string): string => `tenant:${tenant}`;

/** More do not wait for the workspaces of one tenant. */
export const lineLimit = 500;

/** The leases table's key of a run's ticket: no workspace is named so. */
export const ticketKey = (runId: string): string => `wait:${runId}`;

/** How one waiting run is woken: an item of the leases table beside the leases. */
export const ticket = z.object({
  runId: z.string(),
  /** The workspace that it waits for. */
  awaits: z.string(),
  traceparent: z.string(),
  queuedAt: z.string(),
  /** The credential that resumes the run. Read by send-callback alone. */
  taskToken: z.string(),
  grantedAt: z.string().optional(),
  /** `1` from the grant until Step Functions has been told (sparse index `callback-pending`). */
  callbackPending: z.literal('1').optional(),
  /** How often somebody began to tell it. */
  callbackTries: z.int().optional(),
});
export type Ticket = z.infer<typeof ticket>;
