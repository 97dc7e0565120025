import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { InvalidInputError } from '../shared/errors';

export type Tags = Readonly<Record<string, string>>;

export interface StoredSecret {
  /** `undefined` where it is being deleted, or holds nothing. */
  readonly value: string | undefined;
  readonly tags: Tags;
}

/** Secrets of workspaces, by names below one prefix: `<workspace>/<name>`. */
export interface SecretStore {
  find(id: string): Promise<StoredSecret | undefined>;
  create(id: string, value: string, tags: Tags): Promise<void>;
  /** Writes what differs from what is stored, and nothing else. */
  update(id: string, stored: StoredSecret, value: string, tags: Tags): Promise<void>;
}

const listed = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Secrets in Secrets Manager. A worker without a prefix plays no roles, and has none. */
export const makeSecretStore = (
  client: Pick<SecretsManagerClient, 'send'>,
  prefix: string | undefined,
): SecretStore => {
  const named = (id: string): string => {
    if (prefix === undefined)
      throw new InvalidInputError('This runner has no secrets of workspaces: it plays no roles.');
    return `${prefix}/${id}`;
  };
  const textOf = async (SecretId: string): Promise<string | undefined> => {
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    } catch (error) {
      // Made by somebody, without a value yet.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    find: async (id) => {
      const SecretId = named(id);
      try {
        const { Tags = [], DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
        return {
          value: DeletedDate ? undefined : await textOf(SecretId),
          tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
        };
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    create: async (id, SecretString, tags) => {
      await client.send(new CreateSecretCommand({ Name: named(id), SecretString, Tags: listed(tags) }));
    },
    update: async (id, stored, SecretString, tags) => {
      const SecretId = named(id);
      if (stored.value !== SecretString)
        await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
      if (Object.entries(tags).some(([key, value]) => stored.tags[key] !== value))
        await client.send(new TagResourceCommand({ SecretId, Tags: listed(tags) }));
    },
  };
};
