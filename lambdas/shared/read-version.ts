import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectRef } from './contract';
import { sha256Hex } from './digest';
import { ContentDamagedError, ContentSwappedError } from './errors';

/** What S3 says when a version, or its whole object, was deleted. */
const gone: ReadonlySet<string> = new Set(['NoSuchVersion', 'NoSuchKey', 'NotFound', 'MethodNotAllowed']);

/**
 * What the orchestrator notes of an object's bytes beside them. It protects nothing, since whoever may write an object
 * may write this: it tells another valid object, put in place of the bound one, from bytes that belong to nothing.
 */
export const noteOf = (sha256: string): { sha256: string } => ({ sha256 });

/**
 * The bytes of exactly the referenced version.
 *
 * @throws ContentDamagedError when they are gone, or those of nothing that was ever bound
 * @throws ContentSwappedError when they are those of another object of the orchestrator
 */
export const readVersion = async (s3: Pick<S3Client, 'send'>, ref: ObjectRef): Promise<Uint8Array> => {
  const { bytes, note } = await read(s3, ref);
  const found = sha256Hex(bytes);
  if (found === ref.sha256) return bytes;
  if (found === note)
    throw new ContentSwappedError(
      `${ref.key} was not used: another object (${found.slice(0, 12)}…) stands where the approved one (${ref.sha256.slice(0, 12)}…) was. Nothing was done. Find out who put it there, then plan again.`,
    );
  throw new ContentDamagedError(
    `${ref.key} was not used: its bytes are damaged, they are not those that were approved. Nothing was done. Plan again and have the new change approved.`,
  );
};

const read = async (
  s3: Pick<S3Client, 'send'>,
  ref: ObjectRef,
): Promise<{ bytes: Uint8Array; note: string | undefined }> => {
  try {
    const { Body, Metadata } = await s3.send(
      new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key, VersionId: ref.versionId }),
    );
    return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), note: Metadata?.sha256 };
  } catch (error) {
    if (!(error instanceof Error) || !gone.has(error.name)) throw error;
    throw new ContentDamagedError(
      `${ref.key} was not used: the version that was bound is gone. Nothing was done. Plan again and have the new change approved.`,
      { cause: error },
    );
  }
};
