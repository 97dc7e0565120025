import * as z from 'zod';
import { parseVerifierKey } from '../ledger-proof/checkpoint';

const isWitnessKey = (text: string): boolean => {
  try {
    return parseVerifierKey(text).kind === 'witness';
  } catch {
    return false;
  }
};

/** Somebody else who sees every checkpoint and signs that it only grew (C2SP tlog-witness). */
export const witness = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens'),
  /** Its submission prefix, below which `add-checkpoint` is. */
  url: z.url({ protocol: /^https?$/ }),
  /** Its verifier key for cosignatures: `name+hash+base64`. */
  key: z.string().refine(isWitnessKey, 'a verifier key of a witness: name+hash+base64, of algorithm 4'),
});
export type Witness = z.infer<typeof witness>;

export const ledgerConfig = z.strictObject({
  /** Names the logs of this environment, which are `<origin>/<tenant>`, and its key: a host and a path of yours. */
  origin: z
    .string()
    .max(200)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(\/[A-Za-z0-9._-]+)*$/, 'a host and a path, without scheme'),
  /** Minutes between checkpoints of a chain that grows. */
  checkpointEvery: z.int().min(1).max(240).default(5),
  witnesses: z
    .array(witness)
    .max(20)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'a name stands here twice')
    .default([]),
});
export type LedgerConfig = z.infer<typeof ledgerConfig>;

export const checkpointLedgerInput = z.strictObject({ sweep: z.literal(true) });
export const checkpointLedgerOutput = z.strictObject({
  /** Checkpoints that were published now. */
  published: z.array(z.strictObject({ tenant: z.string(), size: z.int() })),
  /** Chains that are not what was signed before, and were not signed. */
  broken: z.array(z.strictObject({ tenant: z.string(), reason: z.string() })),
  /** Left for the next sweep. */
  postponed: z.array(z.string()),
});
export type CheckpointLedgerOutput = z.infer<typeof checkpointLedgerOutput>;

const metric = (name: string) => ({ namespace: 'Orchestrator', name }) as const;
/** Counts chains that are broken; each sweep counts them again. */
export const brokenMetric = metric('LedgerBroken');
/** Counts the sweeps after which every chain had a checkpoint of all that was in it. */
export const currentMetric = metric('LedgerCheckpointed');
/** Counts checkpoints that a witness did not cosign. */
export const witnessMetric = metric('WitnessSilent');
