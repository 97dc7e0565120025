import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { z } from 'zod';
import type { ObjectRef } from './contract';
import { sha256Hex } from './digest';
import { ChangeMismatchError } from './errors';

/** Reads a JSON artifact in exactly the referenced version, and refuses other bytes. */
export type ReadArtifact = <T extends z.ZodType>(ref: ObjectRef, schema: T) => Promise<z.infer<T>>;

export const makeReadArtifact =
  (s3: Pick<S3Client, 'send'>): ReadArtifact =>
  async (ref, schema) => {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key, VersionId: ref.versionId }),
    );
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (sha256Hex(bytes) !== ref.sha256)
      throw new ChangeMismatchError(`The artifact ${ref.key} is not the one that was bound.`);
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  };
