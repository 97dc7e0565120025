import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectRef } from './contract';
import { sha256Hex } from './digest';
import { ChangeMismatchError } from './errors';

/** What S3 says when a version, or its whole object, was deleted. */
const gone: ReadonlySet<string> = new Set(['NoSuchVersion', 'NoSuchKey', 'NotFound', 'MethodNotAllowed']);

/**
 * The bytes of exactly the referenced version.
 *
 * @throws ChangeMismatchError when they are gone, or not those that the reference names.
 */
export const readVersion = async (s3: Pick<S3Client, 'send'>, ref: ObjectRef): Promise<Uint8Array> => {
  const mismatch = (what: string, options?: ErrorOptions) =>
    new ChangeMismatchError(
      `${ref.key} was not used: ${what}. Plan again and have the new change approved.`,
      options,
    );
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key, VersionId: ref.versionId }),
    );
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (sha256Hex(bytes) === ref.sha256) return bytes;
  } catch (error) {
    if (!(error instanceof Error) || !gone.has(error.name)) throw error;
    throw mismatch('the version that was bound is gone', { cause: error });
  }
  throw mismatch('its bytes are not those that were approved');
};
