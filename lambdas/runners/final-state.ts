import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { TemporaryCredentials } from '../broker-credentials/contract';
import type { Change } from '../shared/change';
import { finalStateFolder } from '../shared/final-state-folder';
import type { StateBackend } from './tofu';

/**
 * Copies the state of a change's workspace, as OpenTofu encrypted it, to where no run writes it again. Once for a
 * change: a repeated call keeps the first copy, for it may find the state half destroyed.
 *
 * @param identity what the broker lent for the change; it alone reaches the state
 * @returns the key of the copy; `null` when there is no state
 */
export type KeepFinalState = (
  change: Pick<Change, 'id' | 'runId' | 'workspace'>,
  identity: () => Promise<TemporaryCredentials>,
) => Promise<string | null>;

const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** @param open makes the client of one identity */
export const makeKeepFinalState =
  ({
    backend: { bucket: Bucket, keyArn, region, pathStyle },
    endpoint,
    open = (identity) =>
      new S3Client({
        region,
        forcePathStyle: pathStyle,
        ...(endpoint !== undefined && { endpoint }),
        credentials: async () => {
          const { expiration, ...lent } = await identity();
          return { ...lent, expiration: new Date(expiration) };
        },
      }),
  }: {
    backend: StateBackend;
    endpoint?: string | undefined;
    open?: (identity: () => Promise<TemporaryCredentials>) => Pick<S3Client, 'send'>;
  }): KeepFinalState =>
  async ({ id, runId, workspace }, identity) => {
    const s3 = open(identity);
    const Key = `${finalStateFolder(workspace)}${runId}-${id.slice(-8)}.tfstate`;
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${workspace}/terraform.tfstate` }));
      await s3.send(
        new PutObjectCommand({
          Bucket,
          Key,
          Body: (await Body?.transformToByteArray()) ?? new Uint8Array(),
          ContentType: 'application/json',
          ServerSideEncryption: 'aws:kms',
          SSEKMSKeyId: keyArn,
          IfNoneMatch: '*',
        }),
      );
    } catch (error) {
      if (isNamed(error, 'NoSuchKey', 'NotFound')) return null;
      if (!isNamed(error, 'PreconditionFailed', 'ConditionalRequestConflict')) throw error;
    }
    return Key;
  };
