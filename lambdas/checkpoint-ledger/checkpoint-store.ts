import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Frontier } from '../ledger-proof/merkle';

/** A signed checkpoint in the bucket that nobody can change, with what is needed in order to go on from it. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
  /** As the object says; whether it fits the signed root is for the reader to check. */
  readonly frontier: Frontier | undefined;
  /** The hash of the last entry in it. */
  readonly head: string | undefined;
}

/**
 * Checkpoints stand under `checkpoints/<tenant>/<size, 12 digits>.txt`, written once: they are all that is kept, and
 * their names are their index.
 */
export interface CheckpointStore {
  /** Tenants that have a copied entry or a checkpoint. */
  tenants(): Promise<string[]>;
  /** The newest of at most `atMost` entries; `about` says near which size to look first. */
  newest(
    tenant: string,
    near: { readonly about: number; readonly atMost?: number },
  ): Promise<StoredCheckpoint | undefined>;
  /** Publishes it, or says what stands there already. */
  put(
    tenant: string,
    checkpoint: Required<StoredCheckpoint> & { readonly frontier: Frontier; readonly head: string },
  ): Promise<StoredCheckpoint | undefined>;
}

const digits = 12;
/** Keys of one page. */
const firstWindow = 1000;
const hashBytes = 32;

export const checkpointKey = (tenant: string, size: number): string =>
  `checkpoints/${tenant}/${String(size).padStart(digits, '0')}.txt`;

const sizeOf = (key: string): number => Number(key.slice(-digits - '.txt'.length, -'.txt'.length));

const nodesOf = (text: string | undefined): Buffer[] | undefined => {
  const bytes = Buffer.from(text ?? '', 'base64');
  if (bytes.length === 0 || bytes.length % hashBytes !== 0) return undefined;
  return Array.from({ length: bytes.length / hashBytes }, (_, index) =>
    bytes.subarray(index * hashBytes, (index + 1) * hashBytes),
  );
};

export const makeCheckpointStore = ({
  s3,
  bucket,
}: {
  readonly s3: Pick<S3Client, 'send'>;
  readonly bucket: string;
}): CheckpointStore => {
  const get = async (tenant: string, size: number): Promise<StoredCheckpoint> => {
    const { Body, Metadata = {} } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: checkpointKey(tenant, size) }),
    );
    const nodes = nodesOf(Metadata.frontier);
    return {
      size,
      note: (await Body?.transformToString()) ?? '',
      frontier: nodes && { size, nodes },
      head: Metadata.head,
    };
  };
  const below = async (Prefix: string): Promise<string[]> => {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix,
          Delimiter: '/',
          ...(ContinuationToken !== undefined && { ContinuationToken }),
        }),
      );
      found.push(
        ...(page.CommonPrefixes ?? []).map((one) => String(one.Prefix).slice(Prefix.length).replace('/', '')),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  };
  /** The largest size after `after`, and at most `atMost`. */
  const largest = async (tenant: string, after: number, atMost: number): Promise<number | undefined> => {
    let found: number | undefined;
    let StartAfter = checkpointKey(tenant, after);
    for (;;) {
      const { Contents = [], IsTruncated } = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: `checkpoints/${tenant}/`, StartAfter }),
      );
      const sizes = Contents.map(({ Key = '' }) => sizeOf(Key));
      found = sizes.filter((size) => size <= atMost).at(-1) ?? found;
      const last = Contents.at(-1)?.Key;
      if (!IsTruncated || last === undefined || sizeOf(last) > atMost) return found;
      StartAfter = last;
    }
  };
  return {
    tenants: async () => [...new Set([...(await below('ledger/')), ...(await below('checkpoints/'))])].sort(),
    newest: async (tenant, { about, atMost = Number.MAX_SAFE_INTEGER }) => {
      // Names can only be listed forwards: so from not far before the end, and from farther when nothing is there.
      for (let window = firstWindow; ; window *= 10) {
        const after = Math.max(0, Math.min(about, atMost) - window);
        const size = await largest(tenant, after, atMost);
        if (size !== undefined) return await get(tenant, size);
        if (after === 0) return undefined;
      }
    },
    put: async (tenant, { size, note, frontier, head }) => {
      try {
        await s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: checkpointKey(tenant, size),
            Body: note,
            ContentType: 'text/plain; charset=utf-8',
            Metadata: { frontier: Buffer.concat([...frontier.nodes]).toString('base64'), head },
            IfNoneMatch: '*',
            ChecksumAlgorithm: 'SHA256',
          }),
        );
        return undefined;
      } catch (error) {
        if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
        return await get(tenant, size);
      }
    },
  };
};
