import { open } from 'node:fs/promises';
import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { plainText } from '../lambdas/shared/plain-text';
import { type JsonLimits, parseStrictJson } from './strict-json';

/** No state of a workflow carries more than this; larger things travel as references. */
export const inputLimits: JsonLimits = { maxBytes: 32 * 1024, maxDepth: 32 };

/** Reasons a file cannot be read, in words. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
};

/**
 * Reads a run's input from a file, or from standard input when the path is `-`.
 *
 * @throws InvalidInputError when it cannot be read, is too large, or is no well-formed JSON object.
 */
export const readInput = async (path: string): Promise<Record<string, JsonValue>> => {
  const bytes = await readAtMost(path, inputLimits.maxBytes + 1);
  try {
    const value = parseStrictJson(bytes, inputLimits);
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      throw new InvalidInputError('The input must be a JSON object: { … }.');
    return value;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(`${named(path)}: ${error.message}`, { cause: error });
  }
};

const named = (path: string): string => (path === '-' ? 'Standard input' : plainText(path, 200));

/** Reads no further than the limit: the file may be a device, or larger than memory. */
const readAtMost = async (path: string, limit: number): Promise<Uint8Array> => {
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of path === '-' ? process.stdin : (await open(path)).createReadStream()) {
      chunks.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= limit) break;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    throw new InvalidInputError(
      `Cannot read the input ${named(path)}: ${reasons[code] ?? 'reading it failed'}.`,
      {
        cause: error,
      },
    );
  }
};
