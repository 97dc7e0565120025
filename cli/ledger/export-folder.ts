import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { segmentPattern } from '../../lambdas/shared/names';
import { plainText } from '../../lambdas/shared/plain-text';
import { longestLine } from './ledger-entry';

/** The layout of an export, as the format page says. */
export const exportLayout = {
  entries: 'entries.jsonl',
  checkpoints: 'checkpoints',
  key: 'key.txt',
  checkpointName: (size: number): string => `${String(size).padStart(12, '0')}.txt`,
} as const;

/** Far above a note with many witnesses. */
const largestNote = 1 << 16;
const chunk = 1 << 20;

const unreadable = (path: string, error: unknown): InvalidInputError =>
  new InvalidInputError(
    `${plainText(path, 400)} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}). Is this the folder of an export?`,
    { cause: error },
  );

/** Links lead out of an export, and devices have no end: neither is read. */
const requireFile = (path: string): void => {
  try {
    if (lstatSync(path).isFile()) return;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new InvalidInputError(`${plainText(path, 400)} is no plain file.`);
};

/**
 * The lines of a file without their line feeds, with one piece of it in memory at a time. Of a line that is longer than
 * any entry, only as much comes as shows that.
 */
function* linesOf(path: string): Generator<Uint8Array> {
  requireFile(path);
  const file = openSync(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const piece = Buffer.allocUnsafe(chunk);
      const read = readSync(file, piece, 0, chunk, null);
      if (read === 0) break;
      const bytes = Buffer.concat([rest, piece.subarray(0, read)]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        yield bytes.subarray(start, end);
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (rest.length > longestLine) break;
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(file);
  }
}

/** An export on disk. */
export interface ExportFolder {
  readonly path: string;
  /** In the order of their names. */
  readonly tenants: readonly string[];
  lines(tenant: string): Iterable<Uint8Array>;
  /** The names of the files with checkpoints, the oldest first. */
  checkpoints(tenant: string): readonly string[];
  note(tenant: string, name: string): string;
}

/** @throws InvalidInputError when it is no folder, or holds what an export does not. */
export const openExport = (path: string): ExportFolder => {
  const list = (folder: string) => {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      throw unreadable(folder, error);
    }
  };
  const tenants: string[] = [];
  for (const entry of list(path)) {
    if (entry.isDirectory() && segmentPattern.test(entry.name)) tenants.push(entry.name);
    else if (!(entry.isFile() && entry.name === exportLayout.key))
      throw new InvalidInputError(
        `${plainText(join(path, entry.name), 400)} is no part of an export: it holds a folder for each tenant, and ${exportLayout.key}.`,
      );
  }
  return {
    path,
    tenants: tenants.sort(),
    lines: (tenant) => {
      const file = join(path, tenant, exportLayout.entries);
      // What is signed of it says what is missing.
      return existsSync(file) ? linesOf(file) : [];
    },
    checkpoints: (tenant) =>
      list(join(path, tenant)).some(({ name }) => name === exportLayout.checkpoints)
        ? list(join(path, tenant, exportLayout.checkpoints))
            .map(({ name }) => name)
            .sort()
        : [],
    note: (tenant, name) => readNote(join(path, tenant, exportLayout.checkpoints, name)),
  };
};

/** The text of a small file. @throws InvalidInputError when it is none, or too large. */
export const readNote = (path: string): string => {
  requireFile(path);
  if (lstatSync(path).size > largestNote)
    throw new InvalidInputError(
      `${plainText(path, 400)} is larger than ${largestNote} bytes, and no checkpoint.`,
    );
  return readFileSync(path, 'utf8');
};
