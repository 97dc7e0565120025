import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { objectVersions } from './object-versions';

const readAtOnce = 16;

/**
 * The content of every object below a prefix, by its name there, in order. Of each the first version counts: Object Lock
 * keeps everybody from changing that one, and nobody from writing another over it.
 */
export async function* lockedObjects(
  s3: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<{ readonly name: string; readonly content: string }> {
  const read = async ({ key, versionId }: { key: string; versionId: string }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    return { name: key.slice(prefix.length), content: (await Body?.transformToString()) ?? '' };
  };
  let waiting: { key: string; versionId: string }[] = [];
  for await (const { key, versions } of objectVersions(s3, { bucket, prefix })) {
    const first = versions.filter(({ deleted }) => !deleted).at(-1);
    if (first) waiting.push({ key, versionId: first.id });
    if (waiting.length < readAtOnce) continue;
    yield* await Promise.all(waiting.map(read));
    waiting = [];
  }
  yield* await Promise.all(waiting.map(read));
}
