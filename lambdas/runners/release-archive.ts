import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { sha256Hex } from '../shared/digest';
import { ContentDamagedError, ReleaseRefusedError, ReleaseUnknownError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { releaseBytesAtMost, releaseKey } from '../shared/release-store';
import type { Artifacts } from './artifacts';

const blockBytes = 512;
const entriesAtMost = 20_000;
const unpackedBytesAtMost = 1024 * 1024 * 1024;
/** Text packs a hundredfold; what packs more is made to fill disks. */
const ratioAtMost = 200;
/** Names that follow as content of their own are this long at most. */
const nameBytesAtMost = 8192;

const textOf = (header: Buffer, from: number, length: number): string => {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
};

/** The path of an extended header (`30 path=…\n`), if it has one. */
const extendedPath = (records: Buffer): string | undefined => {
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(0x20, at);
    const length = Number(records.subarray(at, space).toString('latin1'));
    if (space < 0 || !Number.isInteger(length) || length < 5) return undefined;
    const record = records.subarray(space + 1, at + length - 1).toString('utf8');
    if (record.startsWith('path=')) return record.slice('path='.length);
    at += length;
  }
  return undefined;
};

const leadsOut = (path: string): boolean =>
  path.startsWith('/') || path.includes('\0') || path.split('/').includes('..');

/** Looks at the entries of a tar stream as they come. */
const makeEntryCheck = (refuse: (why: string) => Error) => {
  let header = Buffer.alloc(0);
  let left = 0;
  let isName = false;
  let extended = false;
  let name: Buffer[] = [];
  let nextPath: string | undefined;
  let entries = 0;
  let files = 0;

  const begin = (): void => {
    if (header.every((byte) => byte === 0)) return;
    const sizeField = textOf(header, 124, 12).trim();
    if (!/^[0-7]{1,12}$/.test(sizeField)) throw refuse('it is no plain tar archive');
    const size = Number.parseInt(sizeField, 8);
    const type = String.fromCharCode(header[156] || 0x30);
    left = Math.ceil(size / blockBytes) * blockBytes;
    entries += 1;
    if (entries > entriesAtMost) throw refuse(`it holds more than ${entriesAtMost} entries`);
    if (type === 'g') return;
    if (type === 'x' || type === 'L') {
      if (size > nameBytesAtMost) throw refuse('a name in it is too long');
      isName = true;
      extended = type === 'x';
      name = [];
      return;
    }
    const prefix = textOf(header, 257, 5) === 'ustar' ? textOf(header, 345, 155) : '';
    const path = nextPath ?? (prefix === '' ? '' : `${prefix}/`) + textOf(header, 0, 100);
    nextPath = undefined;
    const shown = plainText(path, 120);
    if (leadsOut(path)) throw refuse(`its entry ${shown} leads out of the release's folder`);
    if (type !== '0' && type !== '5') throw refuse(`its entry ${shown} is a link or a special file`);
    if (type === '0') files += 1;
  };

  const endOfName = (): void => {
    const content = Buffer.concat(name);
    nextPath = extended
      ? (extendedPath(content) ?? nextPath)
      : content.toString('utf8').replace(/\0.*$/s, '');
    isName = false;
  };

  return {
    take: (chunk: Buffer): void => {
      for (let at = 0; at < chunk.length; ) {
        if (left > 0) {
          const taken = Math.min(left, chunk.length - at);
          if (isName) name.push(chunk.subarray(at, at + taken));
          left -= taken;
          at += taken;
          if (left === 0 && isName) endOfName();
          continue;
        }
        const taken = Math.min(blockBytes - header.length, chunk.length - at);
        header = Buffer.concat([header, chunk.subarray(at, at + taken)]);
        at += taken;
        if (header.length === blockBytes) {
          begin();
          header = Buffer.alloc(0);
        }
      }
    },
    end: (): void => {
      if (left > 0 || header.length > 0) throw refuse('it is cut off');
      if (files === 0) throw refuse('it holds no file');
    },
  };
};

/**
 * Refuses an archive that would do anything else on a host than fill one folder.
 *
 * @throws ReleaseRefusedError
 */
export const checkArchive = async (archive: Uint8Array, digest: string): Promise<void> => {
  const refuse = (why: string) =>
    new ReleaseRefusedError(
      `The release ${digest.slice(0, 12)} was not used: ${why}. Pack its files and folders alone, as .tar.gz, and put that into the store.`,
    );
  const check = makeEntryCheck(refuse);
  let unpacked = 0;
  try {
    for await (const chunk of Readable.from([archive]).pipe(createGunzip())) {
      unpacked += chunk.length;
      if (unpacked > unpackedBytesAtMost) throw refuse('it unpacks to more than 1 GiB');
      if (unpacked > 1024 * 1024 && unpacked > archive.length * ratioAtMost)
        throw refuse(`it unpacks to more than ${ratioAtMost} times its size`);
      check.take(chunk);
    }
  } catch (error) {
    if (error instanceof ReleaseRefusedError) throw error;
    throw refuse('it is no gzip file, or damaged');
  }
  check.end();
};

/**
 * A release by its digest from the store, with the bytes that the digest names and nothing dangerous in it.
 *
 * @throws ReleaseUnknownError | ContentDamagedError | ReleaseRefusedError
 */
export const fetchRelease = async (
  artifacts: Pick<Artifacts, 'findBytes'>,
  digest: string,
): Promise<Uint8Array> => {
  const archive = await artifacts.findBytes(releaseKey(digest), releaseBytesAtMost);
  if (archive === undefined)
    throw new ReleaseUnknownError(
      `The release store has no release ${digest}. Put it there with "orchestrator releases put FILE", which prints its digest, and start again.`,
    );
  if (archive === 'too large')
    throw new ReleaseRefusedError(
      `The release ${digest.slice(0, 12)} was not used: its archive is larger than ${releaseBytesAtMost / 1024 / 1024} MiB. Leave out what a host does not need.`,
    );
  if (sha256Hex(archive) !== digest)
    throw new ContentDamagedError(
      `The release ${digest.slice(0, 12)} was not used: its bytes in the store are others than its digest says. Put the archive there again; look at who may write to the artifacts bucket.`,
    );
  await checkArchive(archive, digest);
  return archive;
};
