import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectRef } from '../shared/contract';
import { sha256Hex } from '../shared/digest';
import { ContentSwappedError } from '../shared/errors';
import { noteOf, readVersion } from '../shared/read-version';

/** Objects of runs in the artifacts bucket. */
export interface Artifacts {
  put(key: string, body: string | Uint8Array, contentType: string): Promise<ObjectRef>;
  /** Writes unless the key exists. `false`: somebody was first, and their object stays. */
  putOnce(key: string, body: string): Promise<boolean>;
  /** @throws ContentDamagedError | ContentSwappedError when the bytes are not those that the reference names. */
  get(ref: ObjectRef): Promise<Uint8Array>;
  /** The newest version's text, or `undefined` when there is none. */
  find(key: string): Promise<string | undefined>;
  /** The newest version's bytes, unless there are none, or more than that. */
  findBytes(key: string, atMost: number): Promise<Uint8Array | 'too large' | undefined>;
}

const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

export const makeArtifacts = (deps: { s3: Pick<S3Client, 'send'>; bucket: string }): Artifacts => {
  const writerOf = async (key: string): Promise<string | undefined> => {
    const { Metadata } = await deps.s3.send(new HeadObjectCommand({ Bucket: deps.bucket, Key: key }));
    return Metadata?.writer;
  };
  const newest = async (key: string) => {
    try {
      return await deps.s3.send(new GetObjectCommand({ Bucket: deps.bucket, Key: key }));
    } catch (error) {
      if (isNamed(error, 'NoSuchKey', 'NotFound')) return undefined;
      throw error;
    }
  };
  return {
    put: async (key, body, contentType) => {
      const sha256 = sha256Hex(body);
      const { VersionId } = await deps.s3.send(
        new PutObjectCommand({
          Bucket: deps.bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          Metadata: noteOf(sha256),
        }),
      );
      if (!VersionId)
        throw new Error(
          `The artifacts bucket ${deps.bucket} keeps no versions; its objects cannot be bound.`,
        );
      return { bucket: deps.bucket, key, versionId: VersionId, sha256 };
    },
    putOnce: async (key, body) => {
      const writer = randomUUID();
      try {
        await deps.s3.send(
          new PutObjectCommand({
            Bucket: deps.bucket,
            Key: key,
            Body: body,
            ContentType: 'application/json',
            IfNoneMatch: '*',
            Metadata: { writer },
          }),
        );
        return true;
      } catch (error) {
        if (isNamed(error, 'ConditionalRequestConflict')) return false;
        if (!isNamed(error, 'PreconditionFailed')) throw error;
        // A request whose answer was lost is repeated by the SDK, and then finds the object that it put itself.
        return (await writerOf(key)) === writer;
      }
    },
    get: async (ref) => {
      if (ref.bucket !== deps.bucket)
        throw new ContentSwappedError(
          `${ref.key} was not used: it lies outside the artifacts bucket. Find out who bound it, then plan again.`,
        );
      return readVersion(deps.s3, ref);
    },
    find: async (key) => (await newest(key))?.Body?.transformToString(),
    findBytes: async (key, atMost) => {
      const found = await newest(key);
      if ((found?.ContentLength ?? 0) <= atMost) return found?.Body?.transformToByteArray();
      const { Body } = found ?? {};
      if (Body instanceof Readable) Body.destroy();
      return 'too large';
    },
  };
};
