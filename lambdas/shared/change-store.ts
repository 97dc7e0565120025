import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Change, change as changeSchema } from './change';
import type { ChangeRef, ObjectRef } from './contract';
import { canonicalJson, digestOf, sha256Hex } from './digest';
import { ChangeMismatchError } from './errors';
import { readVersion } from './read-version';

/** Bound changes in the artifacts bucket. */
export interface ChangeStore {
  /** Writes the change as canonical JSON, so that its digest is the digest of its bytes. */
  put(change: Change): Promise<ChangeRef>;
  /**
   * Reads exactly the referenced version.
   *
   * @throws ChangeMismatchError when the bytes are gone or not those that the reference names.
   */
  get(ref: ChangeRef): Promise<Change>;
}

export const makeChangeStore = (deps: { s3: Pick<S3Client, 'send'>; bucket: string }): ChangeStore => ({
  put: async (change) => {
    const body = canonicalJson(change);
    const digest = sha256Hex(body);
    const key = `runs/${change.runId}/change-${change.id.slice(-8)}.json`;
    const { VersionId } = await deps.s3.send(
      new PutObjectCommand({ Bucket: deps.bucket, Key: key, Body: body, ContentType: 'application/json' }),
    );
    if (!VersionId)
      throw new Error(`The artifacts bucket ${deps.bucket} keeps no versions; a change cannot be bound.`);
    const ref: ObjectRef = { bucket: deps.bucket, key, versionId: VersionId, sha256: digest };
    return { id: change.id, digest, ref };
  },
  get: async ({ id, digest, ref }) => {
    const mismatch = (what: string) =>
      new ChangeMismatchError(
        `Change ${id} was not used: ${what}. Plan again and have the new change approved.`,
      );
    if (ref.bucket !== deps.bucket) throw mismatch('it lies outside the artifacts bucket');
    const bytes = await readVersion(deps.s3, ref);
    if (ref.sha256 !== digest) throw mismatch('its stored bytes are not those that were bound');
    const change = changeSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (change.id !== id || digestOf(change) !== digest)
      throw mismatch('the reference belongs to another change');
    return change;
  },
});
