import { open } from 'node:fs/promises';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checkArchive } from '../lambdas/runners/release-archive';
import { sha256Hex } from '../lambdas/shared/digest';
import { InvalidInputError } from '../lambdas/shared/errors';
import { plainText } from '../lambdas/shared/plain-text';
import { releaseBytesAtMost, releaseKey } from '../lambdas/shared/release-store';
import { requireOutputs } from './deployed-outputs';

interface Deps {
  readonly s3: Pick<S3Client, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/** A release in the store. */
export interface StoredRelease {
  /** SHA-256 of the archive: what a deployment names it by. */
  readonly sha256: string;
  /** It was there already. */
  readonly known: boolean;
}

const readArchive = async (path: string): Promise<Buffer> => {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`${plainText(path, 200)} cannot be read: ${error.code}.`);
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new InvalidInputError(`${plainText(path, 200)} is no file.`);
    if (found.size > releaseBytesAtMost)
      throw new InvalidInputError(
        `${plainText(path, 200)} is larger than ${releaseBytesAtMost / 1024 / 1024} MiB. Leave out what a host does not need.`,
      );
    return await file.readFile();
  } finally {
    await file.close();
  }
};

/** Puts an archive into a bucket of releases, under its digest. */
export const putArchive = async (
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  archive: Uint8Array,
): Promise<StoredRelease> => {
  const sha256 = sha256Hex(archive);
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: releaseKey(sha256),
        Body: archive,
        ContentType: 'application/gzip',
        IfNoneMatch: '*',
      }),
    );
    return { sha256, known: false };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
    return { sha256, known: true };
  }
};

/**
 * Puts a release into the store of an environment.
 *
 * @throws InvalidInputError when it is no file, or too large
 * @throws ReleaseRefusedError when it is no archive of plain files and folders
 */
export const putRelease = async (deps: Deps, path: string): Promise<StoredRelease> => {
  const archive = await readArchive(path);
  await checkArchive(archive, sha256Hex(archive));
  const { artifactsBucket } = await requireOutputs(deps.cloudFormation, deps.environment);
  return putArchive(deps.s3, artifactsBucket, archive);
};
