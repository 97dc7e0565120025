import { ListObjectVersionsCommand, type ListObjectVersionsOutput, type S3Client } from '@aws-sdk/client-s3';

/** One version of an object, or the mark that it was deleted. */
export interface ObjectVersion {
  readonly id: string;
  readonly at: Date;
  readonly deleted: boolean;
}

interface Versions {
  readonly key: string;
  /** The newest first. */
  readonly versions: readonly ObjectVersion[];
}

/** Every object that a bucket ever had below a prefix, with its versions. */
export async function* objectVersions(
  client: S3Client,
  { bucket, prefix }: { bucket: string; prefix: string },
): AsyncGenerator<Versions> {
  const listed: Listed[] = [];
  let page: ListObjectVersionsOutput;
  let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
  do {
    page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...marker }));
    listed.push(...listedIn(page));
    marker = {
      ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
      ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
    };
    while (listed[0]) {
      const [{ key }] = listed;
      const next = listed.findIndex((one) => one.key !== key);
      // The versions of the last one may go on on the next page.
      if (next < 0 && page.IsTruncated) break;
      yield { key, versions: newestFirst(listed.splice(0, next < 0 ? listed.length : next)) };
    }
  } while (page.IsTruncated);
}

interface Listed extends ObjectVersion {
  readonly key: string;
  readonly latest: boolean;
}

/** Versions and deletions come back as two lists, each in the order of keys. */
const listedIn = ({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsOutput): Listed[] =>
  [
    ...Versions.map((version) => ({ ...version, deleted: false })),
    ...DeleteMarkers.map((mark) => ({ ...mark, deleted: true })),
  ]
    .map(({ Key = '', VersionId = '', LastModified = new Date(0), IsLatest = false, deleted }) => ({
      key: Key,
      id: VersionId,
      at: LastModified,
      latest: IsLatest,
      deleted,
    }))
    .sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));

/** Times have whole seconds: what S3 calls the latest comes first whatever its time. */
const newestFirst = (versions: readonly Listed[]): ObjectVersion[] =>
  versions.toSorted(
    (one, other) => Number(other.latest) - Number(one.latest) || other.at.getTime() - one.at.getTime(),
  );
