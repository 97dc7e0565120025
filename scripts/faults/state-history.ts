import { createDecipheriv } from 'node:crypto';
import { DecryptCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { FaultPlatform } from './fault-platform';

/** One stored version of a workspace's state. */
export interface StoredState {
  readonly versionId: string;
  readonly serial: number;
  readonly lineage: string;
  /** Ids of the effects that it holds, and the revision that they were made of. */
  readonly effects: readonly { readonly id: string; readonly revision: number }[];
}

const encrypted = z.object({
  serial: z.number(),
  lineage: z.string(),
  meta: z.record(z.string(), z.string()),
  encrypted_data: z.string(),
});
const keyMeta = z.object({ ciphertext_blob: z.string() });
const plain = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      instances: z.array(z.object({ attributes: z.object({ id: z.string(), input: z.unknown() }) })),
    }),
  ),
});

const gcm = { nonce: 12, tag: 16 };

/** Decrypts what OpenTofu's `aes_gcm` with a key of KMS wrote. */
const decrypt = async (kms: FaultPlatform['kms'], { meta, encrypted_data }: z.infer<typeof encrypted>) => {
  const [, described = ''] = Object.entries(meta)[0] ?? [];
  const { ciphertext_blob } = keyMeta.parse(JSON.parse(Buffer.from(described, 'base64').toString()));
  const { Plaintext } = await kms.send(
    new DecryptCommand({ CiphertextBlob: Buffer.from(ciphertext_blob, 'base64') }),
  );
  const bytes = Buffer.from(encrypted_data, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', Plaintext ?? '', bytes.subarray(0, gcm.nonce));
  decipher.setAuthTag(bytes.subarray(-gcm.tag));
  const text = Buffer.concat([decipher.update(bytes.subarray(gcm.nonce, -gcm.tag)), decipher.final()]);
  return plain.parse(JSON.parse(text.toString()));
};

const revisionOf = (input: unknown): number =>
  Number(z.union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)]).parse(input));

export const stateKey = (workspace: string): string => `${workspace}/terraform.tfstate`;

/** The versions of a workspace's state that are newer than the one that is known, oldest first. */
export const newStates = async (
  { s3, kms, bench }: FaultPlatform,
  workspace: string,
  known: string | undefined,
): Promise<StoredState[]> => {
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: bench.outputs.stateBucket, Prefix: stateKey(workspace) }),
  );
  const all = Versions.filter(({ Key }) => Key === stateKey(workspace)).map(
    ({ VersionId = '' }) => VersionId,
  );
  const since = known === undefined ? all : all.slice(0, all.indexOf(known));
  return Promise.all(
    since.reverse().map(async (versionId): Promise<StoredState> => {
      const { Body } = await s3.send(
        new GetObjectCommand({
          Bucket: bench.outputs.stateBucket,
          Key: stateKey(workspace),
          VersionId: versionId,
        }),
      );
      const stored = encrypted.parse(JSON.parse((await Body?.transformToString()) ?? ''));
      const state = await decrypt(kms, stored);
      return {
        versionId,
        serial: stored.serial,
        lineage: stored.lineage,
        effects: state.resources
          .filter(({ name }) => name === 'effect')
          .flatMap(({ instances }) => instances)
          .map(({ attributes: { id, input } }) => ({ id, revision: revisionOf(input) })),
      };
    }),
  );
};
