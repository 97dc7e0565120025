import type { S3Client } from '@aws-sdk/client-s3';
import type { z } from 'zod';
import type { ObjectRef } from './contract';
import { readVersion } from './read-version';

/** Reads a JSON artifact in exactly the referenced version, and refuses other bytes. */
export type ReadArtifact = <T extends z.ZodType>(ref: ObjectRef, schema: T) => Promise<z.infer<T>>;

export const makeReadArtifact =
  (s3: Pick<S3Client, 'send'>): ReadArtifact =>
  async (ref, schema) =>
    schema.parse(JSON.parse(Buffer.from(await readVersion(s3, ref)).toString('utf8')));
