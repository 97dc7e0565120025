import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

interface Version {
  readonly bytes: Buffer;
  readonly metadata: Record<string, string>;
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A versioned bucket's promises, kept in memory. */
export const inMemoryS3 = () => {
  const objects = new Map<string, Version[]>();
  const versionsOf = (key: string): Version[] => objects.get(key) ?? [];
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof PutObjectCommand) {
      const { Key = '', Body, Metadata = {}, IfNoneMatch } = command.input;
      if (IfNoneMatch === '*' && objects.has(Key)) throw named('PreconditionFailed');
      const versions = [...versionsOf(Key), { bytes: Buffer.from(Body as string), metadata: Metadata }];
      objects.set(Key, versions);
      return { VersionId: `v${versions.length}` };
    }
    if (command instanceof GetObjectCommand) {
      const { Key = '', VersionId } = command.input;
      const versions = versionsOf(Key);
      const found = VersionId ? versions[Number(VersionId.slice(1)) - 1] : versions.at(-1);
      if (!found) throw named(VersionId ? 'NoSuchVersion' : 'NoSuchKey');
      return {
        Metadata: found.metadata,
        Body: {
          transformToByteArray: async () => new Uint8Array(found.bytes),
          transformToString: async () => found.bytes.toString('utf8'),
        },
      };
    }
    if (command instanceof HeadObjectCommand) {
      const found = versionsOf(command.input.Key ?? '').at(-1);
      if (!found) throw named('NotFound');
      return { Metadata: found.metadata };
    }
    throw new Error('not faked');
  };
  return {
    send: send as unknown as Pick<S3Client, 'send'>['send'],
    /** What somebody does who may write the bucket past its versions. */
    replace: (key: string, version: string, by: (version: Version) => Version): void => {
      const versions = versionsOf(key);
      const index = Number(version.slice(1)) - 1;
      const found = versions[index];
      if (found) versions[index] = by(found);
    },
    forget: (key: string): void => {
      objects.delete(key);
    },
  };
};
