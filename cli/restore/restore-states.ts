import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { objectVersions } from './object-versions';

/** What became of the states of workspaces, by key. */
export interface RestoredStates {
  readonly restored: readonly string[];
  readonly same: number;
  /** Were written since: put back with `replace`, left alone without. */
  readonly changed: readonly string[];
}

export interface RestoreStates {
  readonly client: S3Client;
  readonly bucket: string;
  /** e.g. `tenant-a/`: only what is below. */
  readonly prefix: string;
  readonly asOf: Date;
  /** Whether what was written since is put back as well. */
  readonly replace: boolean;
}

/** A lock tells who is at work now; that of a dead worker is the lock doctor's. */
const isLock = (key: string): boolean => key.endsWith('.tflock');

/** Puts back the states that stood at a time, each as a new version: nothing that was written since is lost. */
export const restoreStates = async (call: RestoreStates): Promise<RestoredStates> => {
  const { client, bucket, asOf, replace } = call;
  const restored: string[] = [];
  const changed: string[] = [];
  let same = 0;
  for await (const { key, versions } of objectVersions(client, call)) {
    const wanted = versions.find(({ at }) => at <= asOf);
    if (isLock(key) || !wanted || wanted.deleted) continue;
    const [now] = versions;
    if (now?.id === wanted.id) {
      same += 1;
      continue;
    }
    if (!now?.deleted) changed.push(key);
    if (!now?.deleted && !replace) continue;
    await client.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: key,
        CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}?versionId=${encodeURIComponent(wanted.id)}`,
      }),
    );
    if (now?.deleted) restored.push(key);
  }
  return { restored, same, changed };
};
