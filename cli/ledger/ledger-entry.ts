import * as z from 'zod';
import { canonicalJson } from '../../lambdas/shared/digest';
import type { LedgerEntry } from '../../lambdas/shared/ledger-chain';
import type { JsonValue } from '../../lambdas/shared/ledger-event';
import { sha256 } from '../../lambdas/shared/names';

const json: z.ZodType<JsonValue> = z.json();

/** What stands in the ledger, exactly: nothing more, nothing less. */
export const ledgerEntry = z.strictObject({
  tenant: z.string().describe('Whose chain this is'),
  seq: z.int().min(1).describe('Its place in the chain: 1, 2, 3 … without a gap'),
  id: z.string().describe('Names what happened, once within the chain'),
  type: z.string().describe('noun.verb, e.g. decision.made'),
  runId: z.string().describe('The run that it belongs to'),
  actor: z.string().describe('Who did it: a person by reference, or a function of the product'),
  at: z.string().describe('When, ISO 8601 in UTC'),
  traceparent: z.string().describe('W3C trace context'),
  data: z.record(z.string(), json).describe('What there is to say of this type'),
  prevHash: sha256.describe('The hash of the entry before; 64 zeros in the first'),
  hash: sha256.describe('SHA-256 of the canonical JSON of all other fields'),
}) satisfies z.ZodType<LedgerEntry>;

/** Far above what the table takes as one item. */
export const longestLine = 1 << 20;

/** The bytes of one line are no entry; the message says why, without showing them. */
export class NoEntryError extends Error {
  override readonly name = 'NoEntryError';
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** An escaped half of a pair: canonical JSON writes all but control characters, quotes and backslashes as they are. */
const halfCharacter = /(?<!\\)(?:\\\\)*\\ud/i;

const parse = (line: Uint8Array): { text: string; value: unknown; canonical: string } => {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    throw new NoEntryError('it is not UTF-8');
  }
  try {
    const value: unknown = JSON.parse(text);
    return { text, value, canonical: canonicalJson(value) };
  } catch {
    // The parser's own message quotes what it read.
    throw new NoEntryError(text === '' ? 'it is empty' : 'it is not JSON');
  }
};

/**
 * Reads one line of an export.
 * @throws NoEntryError when its bytes are not the canonical JSON of an entry
 */
export const parseEntry = (line: Uint8Array): LedgerEntry => {
  if (line.length > longestLine) throw new NoEntryError('it is longer than any entry can be');
  const { text, value, canonical } = parse(line);
  if (canonical !== text || halfCharacter.test(text))
    throw new NoEntryError('its bytes are not the canonical JSON (RFC 8785) of what they say');
  const { success, data, error } = ledgerEntry.safeParse(value);
  if (!success) throw new NoEntryError(`it has not the fields of an entry: ${whatIsWrong(error)}`);
  return data;
};

const whatIsWrong = ({ issues: [issue] }: z.ZodError): string => {
  if (issue?.code === 'unrecognized_keys') return 'there are others';
  const [field] = issue?.path ?? [];
  return field === undefined ? 'it is no object' : `"${String(field)}" is missing or of another form`;
};
