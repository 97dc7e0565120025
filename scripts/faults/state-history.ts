import { createDecipheriv } from 'node:crypto';
import { DecryptCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { FaultPlatform } from './fault-platform';

/** One of the things that an apply makes: which, of what revision, and the id that it got when it was made. */
export interface Effect {
  readonly key: string;
  readonly revision: number;
  readonly id: string;
}

/** One stored version of a workspace's state. */
export interface StoredState {
  readonly versionId: string;
  readonly serial: number;
  readonly lineage: string;
  readonly effects: readonly Effect[];
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
      instances: z.array(
        z.object({
          index_key: z.string().optional(),
          attributes: z.object({ id: z.string(), input: z.unknown() }),
        }),
      ),
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

export interface NewStates {
  /** Oldest first. */
  readonly states: readonly StoredState[];
  /** Whether versions are gone, or the state was deleted. */
  readonly historyLost: boolean;
}

/** The versions of a workspace's state that are newer than the one that is known. */
export const newStates = async (
  { s3, kms, bench }: FaultPlatform,
  workspace: string,
  known: string | undefined,
): Promise<NewStates> => {
  const Bucket = bench.outputs.stateBucket;
  const Key = stateKey(workspace);
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket, Prefix: Key }),
  );
  const all = Versions.filter((version) => version.Key === Key).map(({ VersionId = '' }) => VersionId);
  const knownAt = known === undefined ? all.length : all.indexOf(known);
  const read = async (VersionId: string): Promise<StoredState> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    const stored = encrypted.parse(JSON.parse((await Body?.transformToString()) ?? ''));
    const state = await decrypt(kms, stored);
    return {
      versionId: VersionId,
      serial: stored.serial,
      lineage: stored.lineage,
      effects: state.resources
        .filter(({ name }) => name === 'effect')
        .flatMap(({ instances }) => instances)
        .map(({ index_key: key = '', attributes: { id, input } }) => ({
          key,
          revision: revisionOf(input),
          id,
        })),
    };
  };
  return {
    states: await Promise.all(all.slice(0, Math.max(0, knownAt)).reverse().map(read)),
    historyLost: knownAt < 0 || DeleteMarkers.some((marker) => marker.Key === Key),
  };
};
