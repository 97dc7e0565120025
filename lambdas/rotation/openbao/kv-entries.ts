import * as z from 'zod';
import { TransientError } from '../../shared/errors';
import type { Tags } from '../credential-store';
import { CredentialStoreError } from '../errors';
import { encodePath, isPlainPath, type OpenBao, OpenBaoDeniedError, OpenBaoRefusedError } from './client';

export type Fields = Readonly<Record<string, unknown>>;

/** One version of an entry. */
export interface Version {
  readonly number: number;
  readonly fields: Fields;
  /** ISO 8601. */
  readonly writtenAt: string;
  /** What people wrote beside the entry: its custom metadata. */
  readonly tags: Tags;
}

const tags = z
  .record(z.string(), z.string())
  .nullish()
  .transform((custom) => custom ?? {});
const versionAnswer = z.object({
  data: z.object({
    data: z.record(z.string(), z.unknown()),
    metadata: z.object({ version: z.int(), created_time: z.string(), custom_metadata: tags }),
  }),
});
const writtenAnswer = z.object({ data: z.object({ version: z.int() }) });
const tagsAnswer = z.object({ data: z.object({ custom_metadata: tags }) });
const namesAnswer = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const mountAnswer = z.object({
  data: z.object({ type: z.string(), options: z.object({ version: z.string() }).partial().nullish() }),
});

/** The entries of one KV engine, version 2. */
export interface KvEntries {
  /** The newest version, or that one; nothing where there is none or it was deleted. */
  read(path: string, version?: number): Promise<Version | undefined>;
  /** Of the entry at that path, also where its newest version was deleted. */
  tags(path: string): Promise<Tags>;
  /**
   * Writes the next version where the newest is `onto`; 0: where there is none.
   * @returns its number; nothing where another write came first
   */
  write(path: string, fields: Fields, onto: number): Promise<number | undefined>;
  /** From now on only the newest version is kept, and nobody writes without naming the one that is replaced. */
  keepNewestOnly(path: string): Promise<void>;
  /** Wipes one version; the others stay. Again: nothing. */
  destroy(path: string, version: number): Promise<void>;
  /** The paths of all entries below the folder. */
  below(folder: string): AsyncIterable<string>;
}

const expectAnswer = <T>(schema: z.ZodType<T>, answer: unknown, what: string): T => {
  const read = schema.safeParse(answer);
  if (!read.success) throw new TransientError(`OpenBao answered something else than ${what}.`);
  return read.data;
};

/**
 * Opens a KV engine.
 *
 * @throws CredentialStoreError where the mount is none, none that the token sees, or not KV version 2
 */
export const openKvEntries = async (bao: OpenBao, mount: string): Promise<KvEntries> => {
  if (!isPlainPath(mount))
    throw new CredentialStoreError('The name of a mount is made of plain parts, e.g. secret or kv/apps.');
  const seen = await bao.call('GET', `sys/internal/ui/mounts/${mount}`).catch((error: unknown) => {
    if (!(error instanceof OpenBaoDeniedError)) throw error;
    throw new CredentialStoreError(
      `There is no engine mounted at ${mount}, or the token has expired or sees nothing of it. List them with: bao secrets list.`,
      { cause: error },
    );
  });
  const { type, options } = expectAnswer(mountAnswer, seen, 'what is mounted').data;
  if (type !== 'kv' || options?.version !== '2')
    throw new CredentialStoreError(
      `What is mounted at ${mount} is ${type === 'kv' ? 'KV version 1' : `of the type ${type}`}, which keeps no versions. Rotation needs KV version 2; see: bao kv enable-versioning.`,
    );

  const read: KvEntries['read'] = async (path, version) => {
    const query = version === undefined ? '' : `?version=${version}`;
    const answer = await bao.call('GET', `${mount}/data/${encodePath(path)}${query}`);
    if (answer === undefined) return undefined;
    const { data } = expectAnswer(versionAnswer, answer, 'an entry');
    return {
      number: data.metadata.version,
      fields: data.data,
      writtenAt: new Date(data.metadata.created_time).toISOString(),
      tags: data.metadata.custom_metadata,
    };
  };

  async function* below(folder: string): AsyncIterable<string> {
    const answer = await bao.call('LIST', `${mount}/metadata/${folder && encodePath(folder)}`);
    if (answer === undefined) return;
    for (const name of expectAnswer(namesAnswer, answer, 'names').data.keys) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (name.endsWith('/')) yield* below(path.slice(0, -1));
      else yield path;
    }
  }

  return {
    read,
    below,
    tags: async (path) => {
      const answer = await bao.call('GET', `${mount}/metadata/${encodePath(path)}`);
      return answer === undefined
        ? {}
        : expectAnswer(tagsAnswer, answer, 'the metadata of an entry').data.custom_metadata;
    },
    write: async (path, fields, onto) => {
      try {
        const answer = await bao.call('POST', `${mount}/data/${encodePath(path)}`, {
          data: fields,
          options: { cas: onto },
        });
        return expectAnswer(writtenAnswer, answer, 'the version that it wrote').data.version;
      } catch (error) {
        if (error instanceof OpenBaoRefusedError && error.isConflict) return undefined;
        throw error;
      }
    },
    keepNewestOnly: async (path) => {
      await bao.call('POST', `${mount}/metadata/${encodePath(path)}`, {
        max_versions: 1,
        cas_required: true,
      });
    },
    destroy: async (path, version) => {
      await bao.call('PUT', `${mount}/destroy/${encodePath(path)}`, { versions: [version] });
    },
  };
};
