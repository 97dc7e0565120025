import * as z from 'zod';
import type { HttpRequest } from '../shared/http';

export const largestFormBytes = 16 * 1024;

const decisionForm = z.strictObject({
  /** Of a personal link. */
  key: z.string().max(128).optional(),
  csrf: z.string().max(128),
  decision: z.enum(['approve', 'reject']),
  confirmation: z.string().max(200),
  /** Approves past the rules, together with others: see `breakGlass` in policies/approval. */
  emergency: z.literal('yes').optional(),
  comment: z
    .string()
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .pipe(z.string().max(1000))
    .default(''),
});
export type DecisionForm = z.infer<typeof decisionForm>;

export type ReadForm =
  | { readonly form: DecisionForm }
  | { readonly refused: 400 | 413 | 415; readonly why: string };

/** Reads the posted form strictly: each known field once, and nothing else. */
export const readDecisionForm = (request: HttpRequest): ReadForm => {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    return { refused: 415, why: 'Decisions are taken from the form of the approval page only.' };
  if (request.body.byteLength > largestFormBytes)
    return { refused: 413, why: 'What was sent is larger than any answer can be.' };
  const fields = [...new URLSearchParams(Buffer.from(request.body).toString('utf8'))];
  if (new Set(fields.map(([name]) => name)).size !== fields.length)
    return { refused: 400, why: 'A field was sent twice.' };
  const parsed = decisionForm.safeParse(Object.fromEntries(fields));
  if (!parsed.success)
    return { refused: 400, why: 'A field is missing, unknown, too long or has an unknown value.' };
  return { form: parsed.data };
};
