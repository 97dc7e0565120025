import * as z from 'zod';

/** What is done next for a rotation in flight; each is repeated until it succeeds or its rotation is turned round. */
export const Step = z.enum([
  'create',
  'set',
  'test',
  'promote',
  'confirm',
  'drain',
  'retire',
  'abandon',
  'roll-back',
]);
export type Step = z.infer<typeof Step>;

/**
 * How a rotation ended, or how far it got. `draining`: promoted and confirmed, somebody may still use the previous.
 * `gone`: there is no such secret any more; its record stays for whoever asks.
 */
export const Outcome = z.enum(['completed', 'draining', 'abandoned', 'rolled-back', 'failed', 'gone']);
export type Outcome = z.infer<typeof Outcome>;

const moment = z.iso.datetime();

/** One rotation in flight: written before anything is done. */
export const Rotation = z.strictObject({
  /** The version that is to become current; in a roll back the one that is to be current again. */
  version: z.string(),
  /** The version that was current when it began. */
  from: z.string(),
  runId: z.string(),
  /** The first try of this credential's rotation is 1; it counts on until one completes. */
  attempt: z.int().min(1),
  step: Step,
  begunAt: moment,
  promotedAt: moment.optional(),
  /** Before that nobody looks whether the previous version can be retired. */
  drainUntil: moment.optional(),
  /** Why it is abandoned or rolled back. */
  because: z.strictObject({ error: z.string(), message: z.string() }).optional(),
});
export type Rotation = z.infer<typeof Rotation>;

/**
 * What is known of one credential: the write-ahead record of its rotation in flight, and what people see of its life.
 * It holds no secret and nothing derived from one.
 */
export const CredentialRecord = z.strictObject({
  id: z.string(),
  /** Absent where its tags could not be read. */
  strategy: z.string().optional(),
  owner: z.string().optional(),
  consumers: z.array(z.string()).default([]),
  days: z.int().optional(),
  overlapSeconds: z.int().optional(),
  rotation: Rotation.optional(),
  /** The run that works on it now; others keep away until then, or until it lets go. */
  lease: z.strictObject({ runId: z.string(), until: moment }).optional(),
  /** When the current version was promoted; absent before the first rotation. */
  lastRotatedAt: moment.optional(),
  nextDueAt: moment.optional(),
  lastResult: z
    .strictObject({
      outcome: Outcome,
      at: moment,
      runId: z.string(),
      version: z.string().optional(),
      error: z.string().optional(),
      message: z.string().optional(),
    })
    .optional(),
  /** Tries since the last completed rotation. */
  attempts: z.int().min(0).default(0),
  /** Counts the writes; whoever writes names the one that was read. 0: never written. */
  revision: z.int().min(0),
});
export type CredentialRecord = z.infer<typeof CredentialRecord>;

/** The records of all credentials: a DynamoDB table, or entries beside the secrets of OpenBao or Vault. */
export interface Journal {
  read(id: string): Promise<CredentialRecord | undefined>;
  /**
   * Writes `record` in place of the one with the revision `record.revision`, as the next revision, which is returned.
   * @throws JournalConflictError where another write came first: also where it was this very one, whose answer was lost.
   */
  write(record: CredentialRecord): Promise<CredentialRecord>;
  list(): AsyncIterable<CredentialRecord>;
}
