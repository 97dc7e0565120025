import * as z from 'zod';

export const watchCredentialsInput = z.strictObject({ sweep: z.literal(true) });
export const watchCredentialsOutput = z.strictObject({
  credentials: z.int(),
  overdue: z.int(),
  stuck: z.int(),
  /** Credentials of which the ledger could not be told; a later sweep tries again. */
  untold: z.int(),
});
export type WatchCredentialsOutput = z.infer<typeof watchCredentialsOutput>;

const namespace = 'Orchestrator';

/** Counted as a rotation comes to each, by strategy as well. */
export const rotationMetrics = {
  completed: { namespace, name: 'RotationsCompleted', unit: 'Count' },
  /** Abandoned or rolled back. */
  failed: { namespace, name: 'RotationsFailed', unit: 'Count' },
  /** Begun after a try that came to nothing. */
  repeated: { namespace, name: 'RotationsRepeated', unit: 'Count' },
  /** From the intent until the next value was current and confirmed; the drain is not in it. */
  seconds: { namespace, name: 'RotationSeconds', unit: 'Seconds' },
} as const;

/** How all credentials stand, every time that somebody looks. */
export const credentialMetrics = {
  all: { namespace, name: 'Credentials', unit: 'Count' },
  due: { namespace, name: 'CredentialsDue', unit: 'Count' },
  overdue: { namespace, name: 'CredentialsOverdue', unit: 'Count' },
  inFlight: { namespace, name: 'CredentialsInFlight', unit: 'Count' },
  stuck: { namespace, name: 'CredentialsStuck', unit: 'Count' },
  failing: { namespace, name: 'CredentialsFailing', unit: 'Count' },
  /** Tried more often than a rotation is tried. */
  storming: { namespace, name: 'CredentialsStorming', unit: 'Count' },
  /** Of the oldest current value, in seconds. */
  oldest: { namespace, name: 'CredentialAgeMax', unit: 'Seconds' },
} as const;
