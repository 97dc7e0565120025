import type { S3Client } from '@aws-sdk/client-s3';
import { putArchive } from '../../cli/releases';
import { packRelease } from '../rollout/pack-release';

/** Puts the example release into the store under a version, once; its digest. */
export const releaseStore = (s3: Pick<S3Client, 'send'>, bucket: string) => {
  const stored = new Map<string, Promise<string>>();
  const put = async (version: string): Promise<string> =>
    (await putArchive(s3, bucket, await packRelease(version))).sha256;
  return (version: string): Promise<string> => {
    const known = stored.get(version) ?? put(version);
    stored.set(version, known);
    return known;
  };
};
