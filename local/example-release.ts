import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { putArchive } from '../cli/releases';

/** The release that the example of `application-deployment` names. Its bytes are kept: packing it anew makes others. */
export const exampleRelease = join(__dirname, 'example-release', 'shop-1.0.0.tar.gz');

/** Puts the example release into the platform's store, so that the example can be run as it is. */
export const storeExampleRelease = async (s3: Pick<S3Client, 'send'>, bucket: string): Promise<void> => {
  await putArchive(s3, bucket, await readFile(exampleRelease));
};
