import * as z from 'zod';
import { sha256 } from '../shared/names';

/** One check of Checkov over a module's source. */
const scannedCheck = z.strictObject({
  id: z.string().max(64),
  title: z.string().max(300),
  guideline: z.string().max(300).nullable(),
  passed: z.int().min(0),
  failed: z.array(z.string().max(300)),
  /** Resources that the module's author had it leave out, each with the reason in the source. */
  accepted: z.array(z.strictObject({ resource: z.string().max(300), reason: z.string().max(900) })),
});
export type ScannedCheck = z.infer<typeof scannedCheck>;

/** What Checkov said of each module of the catalogue, and of which content it said it. */
export const moduleScans = z.strictObject({
  version: z.literal(1),
  /** Checkov's. */
  scanner: z.string().max(32),
  modules: z.record(z.string(), z.strictObject({ digest: sha256, checks: z.array(scannedCheck) })),
});
export type ModuleScans = z.infer<typeof moduleScans>;
