import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { rescueKey, rescuePrefix } from '../shared/rescue-key';

/** OpenTofu's lock beside a state, as it wrote it. */
const lockFile = z.object({
  ID: z.string().max(64),
  Who: z.string().max(256),
  Operation: z.string().max(64),
  Created: z.string(),
});

export interface StateLock {
  readonly id: string;
  readonly who: string;
  readonly operation: string;
  readonly createdAt: string;
  readonly etag: string;
}

/** How far a stored state has come: OpenTofu leaves both readable in an encrypted state. */
export interface StateMark {
  readonly lineage: string;
  readonly serial: number;
}

/** A state's mark, with what names exactly the object that was read. */
export interface StoredState extends StateMark {
  readonly etag: string;
  readonly bytes: Uint8Array;
}

/** What OpenTofu and its workers leave in S3 for a workspace. */
export interface StateObjects {
  lock(workspace: string): Promise<StateLock | undefined>;
  /** Removes exactly this lock. `false`: it is gone, or another stands there by now. */
  removeLock(workspace: string, lock: StateLock): Promise<boolean>;
  state(workspace: string): Promise<StoredState | undefined>;
  rescued(workspace: string): Promise<StoredState | undefined>;
  /** Puts a rescued state at its place, if that is still as it was read. `false`: it is not. */
  restore(workspace: string, rescued: StoredState, before: StoredState | undefined): Promise<boolean>;
  /** Workspaces with a lock or a rescued state. */
  listTroubled(): Promise<string[]>;
}

const mark = z.object({ lineage: z.string(), serial: z.int() });
const stateKey = (workspace: string): string => `${workspace}/terraform.tfstate`;
const lockSuffix = '/terraform.tfstate.tflock';

const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

export const makeStateObjects = (deps: {
  s3: Pick<S3Client, 'send'>;
  stateBucket: string;
  artifactsBucket: string;
  keyArn: string;
}): StateObjects => {
  const { s3, stateBucket, artifactsBucket } = deps;
  const read = async (Bucket: string, Key: string) => {
    try {
      const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, etag: ETag ?? '', text: Buffer.from(bytes).toString('utf8') };
    } catch (error) {
      if (isNamed(error, 'NoSuchKey', 'NotFound')) return undefined;
      throw error;
    }
  };
  const readState = async (bucket: string, key: string): Promise<StoredState | undefined> => {
    const found = await read(bucket, key);
    return found && { ...mark.parse(JSON.parse(found.text)), etag: found.etag, bytes: found.bytes };
  };
  const unlessMoved = async (write: Promise<unknown>): Promise<boolean> => {
    try {
      await write;
      return true;
    } catch (error) {
      if (isNamed(error, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey', 'NotFound'))
        return false;
      throw error;
    }
  };
  const list = async (Bucket: string, Prefix?: string): Promise<string[]> => {
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return keys;
  };

  return {
    lock: async (workspace) => {
      const found = await read(stateBucket, workspace + lockSuffix);
      if (!found) return undefined;
      const { ID, Who, Operation, Created } = lockFile.parse(JSON.parse(found.text));
      return { id: ID, who: Who, operation: Operation, createdAt: Created, etag: found.etag };
    },
    removeLock: (workspace, { etag }) =>
      unlessMoved(
        s3.send(new DeleteObjectCommand({ Bucket: stateBucket, Key: workspace + lockSuffix, IfMatch: etag })),
      ),
    state: (workspace) => readState(stateBucket, stateKey(workspace)),
    rescued: (workspace) => readState(artifactsBucket, rescueKey(workspace)),
    restore: async (workspace, rescued, before) => {
      const restored = await unlessMoved(
        s3.send(
          new PutObjectCommand({
            Bucket: stateBucket,
            Key: stateKey(workspace),
            Body: rescued.bytes,
            ContentType: 'application/json',
            ServerSideEncryption: 'aws:kms',
            SSEKMSKeyId: deps.keyArn,
            ...(before ? { IfMatch: before.etag } : { IfNoneMatch: '*' }),
          }),
        ),
      );
      if (restored)
        await unlessMoved(
          s3.send(
            new DeleteObjectCommand({
              Bucket: artifactsBucket,
              Key: rescueKey(workspace),
              IfMatch: rescued.etag,
            }),
          ),
        );
      return restored;
    },
    listTroubled: async () => {
      const [states, rescued] = await Promise.all([list(stateBucket), list(artifactsBucket, rescuePrefix)]);
      const locked = states.flatMap((key) =>
        key.endsWith(lockSuffix) ? [key.slice(0, -lockSuffix.length)] : [],
      );
      const named = rescued.map((key) => key.slice(rescuePrefix.length).replace(/\.tfstate$/, ''));
      return [...new Set([...locked, ...named])];
    },
  };
};
