import {
  DescribeSecretCommand,
  type Filter,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretListEntry,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Tags } from '../../lambdas/rotation/credential-store';

interface Version {
  value: string | undefined;
  stages: Set<string>;
  readonly created: Date;
}
interface Secret {
  readonly tags: Tags;
  readonly created: Date;
  readonly versions: Map<string, Version>;
  deleted?: Date;
}

const refuse = (name: string, message = name): never => {
  throw Object.assign(new Error(message), { name });
};

/** Secrets Manager as its reference describes it, with what it does to labels by itself. */
export class InMemorySecretsManager implements Pick<SecretsManagerClient, 'send'> {
  readonly secrets = new Map<string, Secret>();

  constructor(private readonly now: () => Date) {}

  create(id: string, value: string, tags: Tags, version = 'first'): void {
    const created = this.now();
    const versions = new Map([[version, { value, stages: new Set(['AWSCURRENT']), created }]]);
    this.secrets.set(id, { tags, created, versions });
  }

  /** What `RotateSecret` does before it calls its function: a pending version without a value. */
  beginNative(id: string, token: string): void {
    const secret = this.found(id);
    for (const [version, { stages }] of secret.versions)
      if (stages.has('AWSPENDING') && !stages.has('AWSCURRENT') && version !== token)
        refuse('InvalidRequestException', 'A previous rotation is not complete.');
    this.put(secret, token, undefined, ['AWSPENDING']);
  }

  /** Which versions bear a label. */
  bearing(id: string, label: string): string[] {
    return [...this.found(id).versions]
      .filter(([, { stages }]) => stages.has(label))
      .map(([version]) => version);
  }

  valueOf(id: string, version: string): string | undefined {
    return this.found(id).versions.get(version)?.value;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the client's overloads have no common type.
  send = async (command: unknown): Promise<any> => {
    if (command instanceof ListSecretsCommand) return { SecretList: this.list(command.input.Filters ?? []) };
    const { input } = command as { input: { SecretId: string } };
    const secret = this.found(input.SecretId);
    if (command instanceof DescribeSecretCommand)
      return {
        CreatedDate: secret.created,
        DeletedDate: secret.deleted,
        Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
        VersionIdsToStages: Object.fromEntries(
          [...secret.versions]
            .filter(([, { stages }]) => stages.size > 0)
            .map(([version, { stages }]) => [version, [...stages]]),
        ),
      };
    if (secret.deleted) refuse('InvalidRequestException');
    if (command instanceof ListSecretVersionIdsCommand)
      return {
        Versions: [...secret.versions].map(([VersionId, { created, stages }]) => ({
          VersionId,
          VersionStages: [...stages],
          CreatedDate: created,
        })),
      };
    if (command instanceof GetSecretValueCommand) {
      const { VersionId, VersionStage = 'AWSCURRENT' } = command.input;
      const [bearer] = VersionId === undefined ? this.bearing(input.SecretId, VersionStage) : [VersionId];
      const version = secret.versions.get(bearer ?? '');
      if (version?.value === undefined) return refuse('ResourceNotFoundException');
      return { SecretString: version.value };
    }
    if (command instanceof PutSecretValueCommand) {
      const { ClientRequestToken: token = '', SecretString, VersionStages = ['AWSCURRENT'] } = command.input;
      return this.put(secret, token, SecretString, VersionStages);
    }
    if (command instanceof UpdateSecretVersionStageCommand) return this.move(secret, command.input);
    throw new Error('not a command that this stands in for');
  };

  /** Both filters match what begins so, whatever its case; one of its values is enough, and every filter counts. */
  private list(filters: readonly Filter[]): SecretListEntry[] {
    const fits = (text: string, { Values = [] }: Filter) =>
      Values.some((value) => text.toLowerCase().startsWith(value.toLowerCase()));
    return [...this.secrets]
      .filter(([name, { tags }]) =>
        filters.every((filter) =>
          filter.Key === 'name' ? fits(name, filter) : Object.keys(tags).some((tag) => fits(tag, filter)),
        ),
      )
      .map(([Name, { tags }]) => ({
        Name,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }));
  }

  private found(id: string): Secret {
    return this.secrets.get(id) ?? refuse('ResourceNotFoundException');
  }

  private put(secret: Secret, token: string, value: string | undefined, stages: string[]): void {
    const there = secret.versions.get(token);
    if (there?.value !== undefined) {
      // A token that was used: the same value changes nothing, another one is refused.
      if (there.value !== value) refuse('ResourceExistsException');
      return;
    }
    const version = there ?? { value, stages: new Set<string>(), created: this.now() };
    version.value = value;
    secret.versions.set(token, version);
    for (const stage of stages) this.attach(secret, stage, token);
  }

  private attach(secret: Secret, stage: string, to: string): void {
    const before = [...secret.versions].find(([, { stages }]) => stages.has(stage));
    if (before?.[0] === to) return;
    before?.[1].stages.delete(stage);
    secret.versions.get(to)?.stages.add(stage);
    if (stage === 'AWSCURRENT' && before) this.attach(secret, 'AWSPREVIOUS', before[0]);
  }

  private move(secret: Secret, input: UpdateSecretVersionStageCommand['input']): void {
    const { VersionStage: stage = '', MoveToVersionId: to, RemoveFromVersionId: from } = input;
    for (const version of [to, from])
      if (version !== undefined && !secret.versions.has(version)) refuse('ResourceNotFoundException');
    const [bearer] = [...secret.versions].find(([, { stages }]) => stages.has(stage)) ?? [];
    if (to === undefined) {
      if (stage === 'AWSCURRENT') refuse('InvalidParameterException', 'AWSCURRENT can only be moved.');
      if (from === undefined || bearer !== from) refuse('InvalidParameterException');
      secret.versions.get(from as string)?.stages.delete(stage);
      return;
    }
    if (bearer !== undefined && bearer !== to && bearer !== from) refuse('InvalidParameterException');
    this.attach(secret, stage, to);
  }
}
