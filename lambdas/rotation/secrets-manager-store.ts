import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  type Tag,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { TransientError } from '../shared/errors';
import { mayPass } from '../shared/may-pass';
import type { CredentialStore, Labels, Tags } from './credential-store';
import { CredentialChangedError, CredentialNotFoundError, RotationInFlightError } from './errors';
import { isWithin, type Scope } from './scope';

const current = 'AWSCURRENT';
const pending = 'AWSPENDING';
const previous = 'AWSPREVIOUS';

const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

const withoutValue = (id: string): CredentialNotFoundError =>
  new CredentialNotFoundError(
    `The secret ${id} has no value yet. Put its first one, which its target accepts; then start again.`,
  );

/**
 * Which version bears which label. AWSPENDING stays on a version that Secrets Manager's own rotation has promoted, which
 * is pending no longer; a version that is about to lose it to another may bear it for a moment as well.
 */
const labelsOf = (id: string, { VersionIdsToStages = {} }: DescribeSecretResponse): Labels => {
  const bearing = (label: string) =>
    Object.keys(VersionIdsToStages).filter((version) => VersionIdsToStages[version]?.includes(label));
  const [now] = bearing(current);
  if (now === undefined) throw withoutValue(id);
  return {
    current: now,
    pending: bearing(pending).find((version) => version !== now),
    previous: bearing(previous)[0],
  };
};

const tagsOf = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** Credentials in AWS Secrets Manager; those of `scope` are listed. */
export const makeSecretsManagerStore = (
  client: Pick<SecretsManagerClient, 'send'>,
  scope: Scope,
): CredentialStore => {
  const asked = async <T>(id: string, call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name === 'ResourceNotFoundException' || error.name === 'InvalidRequestException')
        throw new CredentialNotFoundError(
          `There is no secret ${id}, it is being deleted, or a version of it is gone. Check its name, or restore it.`,
        );
      if (mayPass(error) || error.name === 'InternalServiceError')
        throw new TransientError(`Secrets Manager was not available (${error.name}). Start again.`);
      throw error;
    }
  };
  const look = async (id: string): Promise<DescribeSecretResponse> => {
    const found = await asked(id, client.send(new DescribeSecretCommand({ SecretId: id })));
    if (found.DeletedDate)
      throw new CredentialNotFoundError(`The secret ${id} is being deleted. Restore it, or leave it out.`);
    return found;
  };
  const bears = (found: DescribeSecretResponse, version: string, label: string): boolean =>
    found.VersionIdsToStages?.[version]?.includes(label) ?? false;

  /** Takes a label from a version, and gives it to another where one is named; false: it bears it no longer. */
  const move = async (
    id: string,
    VersionStage: string,
    { from, to }: { readonly from: string; readonly to?: string },
  ): Promise<boolean> => {
    try {
      const moved = { SecretId: id, VersionStage, RemoveFromVersionId: from, MoveToVersionId: to };
      await asked(id, client.send(new UpdateSecretVersionStageCommand(moved)));
      return true;
    } catch (error) {
      if (isNamed(error, 'InvalidParameterException')) return false;
      throw error;
    }
  };

  const drop = async (id: string, version: string, label: string): Promise<void> => {
    if (bears(await look(id), version, label)) await move(id, label, { from: version });
  };

  const read: CredentialStore['read'] = async (id, version) => {
    const { SecretString } = await asked(
      id,
      client.send(new GetSecretValueCommand({ SecretId: id, VersionId: version })),
    );
    if (SecretString === undefined)
      throw new CredentialNotFoundError(`A version of the secret ${id} has no text as its value.`);
    return SecretString;
  };

  const hasValue = async (id: string, version: string): Promise<boolean> => {
    try {
      return (await read(id, version)) !== undefined;
    } catch (error) {
      if (error instanceof CredentialNotFoundError) return false;
      throw error;
    }
  };

  return {
    list: async function* () {
      let NextToken: string | undefined;
      do {
        const page = await asked(
          'that is rotated',
          client.send(
            new ListSecretsCommand({
              Filters: [
                { Key: 'name', Values: [scope.prefix, ...scope.own] },
                { Key: 'tag-key', Values: ['rotation-strategy'] },
              ],
              MaxResults: 100,
              NextToken,
            }),
          ),
        );
        // Filters match by prefix and without case; what is rotated is looked at exactly.
        for (const { Name: id, Tags } of page.SecretList ?? []) {
          const tags = tagsOf(Tags);
          if (id !== undefined && isWithin(scope, id) && 'rotation-strategy' in tags) yield { id, tags };
        }
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
    },

    describe: async (id) => {
      const found = await look(id);
      return {
        tags: tagsOf(found.Tags),
        labels: labelsOf(id, found),
      };
    },

    currentSince: async (id) => {
      const { Versions = [] } = await asked(
        id,
        client.send(new ListSecretVersionIdsCommand({ SecretId: id, MaxResults: 100 })),
      );
      const made = Versions.find(({ VersionStages = [] }) => VersionStages.includes(current))?.CreatedDate;
      if (made === undefined) throw withoutValue(id);
      return made.toISOString();
    },

    read,

    stage: async (id, version, value) => {
      const inFlight = (other: string) =>
        new RotationInFlightError(
          `The version ${other} of the secret ${id} is pending. Nothing was staged. Wait until that rotation has ended, then start again.`,
        );
      const labels = labelsOf(id, await look(id));
      if (labels.pending !== undefined && labels.pending !== version) throw inFlight(labels.pending);
      if (labels.pending === version && (await hasValue(id, version))) return;
      try {
        await asked(
          id,
          client.send(
            new PutSecretValueCommand({
              SecretId: id,
              ClientRequestToken: version,
              SecretString: value,
              VersionStages: [pending],
            }),
          ),
        );
      } catch (error) {
        // It landed before, with the value that was made then.
        if (!isNamed(error, 'ResourceExistsException')) throw error;
        const now = labelsOf(id, await look(id)).pending;
        if (now !== version) throw inFlight(now ?? 'that was made before');
      }
    },

    promote: async (id, { to, from }) => {
      const labels = labelsOf(id, await look(id));
      if (labels.current !== to) {
        const moved = new CredentialChangedError(
          `Another version of the secret ${id} became current during its rotation. Nothing was moved. Find out who did it; start again.`,
        );
        if (labels.current !== from) throw moved;
        const isMoved = await move(id, current, { from, to });
        if (!isMoved && labelsOf(id, await look(id)).current !== to) throw moved;
      }
      await drop(id, to, pending);
    },

    dropPending: (id, version) => drop(id, version, pending),
    dropPrevious: (id, version) => drop(id, version, previous),
  };
};
