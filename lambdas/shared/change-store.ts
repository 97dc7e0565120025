import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Change, change as changeSchema } from './change';
import type { ChangeRef, ObjectRef } from './contract';
import { canonicalJson, digestOf, sha256Hex } from './digest';
import { ChangeMismatchError, ContentSwappedError } from './errors';
import { noteOf, readVersion } from './read-version';

/** Bound changes in the artifacts bucket. */
export interface ChangeStore {
  /** Writes the change as canonical JSON, so that its digest is the digest of its bytes. */
  put(change: Change): Promise<ChangeRef>;
  /**
   * Reads exactly the referenced version.
   *
   * @throws ContentDamagedError when the bytes are gone, or those of nothing that was bound
   * @throws ContentSwappedError when they are another change's, or lie elsewhere
   * @throws ChangeMismatchError when another version of the orchestrator bound it
   */
  get(ref: ChangeRef): Promise<Change>;
}

export const makeChangeStore = (deps: { s3: Pick<S3Client, 'send'>; bucket: string }): ChangeStore => ({
  put: async (change) => {
    const body = canonicalJson(change);
    const digest = sha256Hex(body);
    const key = `runs/${change.runId}/change-${change.id.slice(-8)}.json`;
    const { VersionId } = await deps.s3.send(
      new PutObjectCommand({
        Bucket: deps.bucket,
        Key: key,
        Body: body,
        ContentType: 'application/json',
        Metadata: noteOf(digest),
      }),
    );
    if (!VersionId)
      throw new Error(`The artifacts bucket ${deps.bucket} keeps no versions; a change cannot be bound.`);
    const ref: ObjectRef = { bucket: deps.bucket, key, versionId: VersionId, sha256: digest };
    return { id: change.id, digest, ref };
  },
  get: async ({ id, digest, ref }) => {
    const swapped = (what: string) =>
      new ContentSwappedError(
        `Change ${id} was not used: ${what}. Nothing was done. Find out who put it there, then plan again.`,
      );
    if (ref.bucket !== deps.bucket) throw swapped('it lies outside the artifacts bucket');
    if (ref.sha256 !== digest) throw swapped('its reference names other bytes than those that were bound');
    const bytes = await readVersion(deps.s3, ref);
    const parsed = changeSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (!parsed.success)
      throw new ChangeMismatchError(
        `Change ${id} was not used: another version of the orchestrator bound it. Plan again and have the new change approved.`,
      );
    const change = parsed.data;
    if (change.id !== id || digestOf(change) !== digest)
      throw swapped('the reference belongs to another change');
    return change;
  },
});
