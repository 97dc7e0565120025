import { idleCosts } from '../idle-cost';
import { purposeOf } from './purposes';
import { types } from './types';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly Metadata?: Record<string, unknown>;
}

/** A synthesized stack; its name is without application and environment, e.g. `data`. */
export interface StackTemplate {
  readonly stack: string;
  readonly resources: Readonly<Record<string, Resource>>;
}

export interface Entry {
  readonly stack: string;
  /** In the stack, without the parts that every construct of CDK has. */
  readonly path: string;
  readonly type: string;
  readonly purpose: string;
  readonly encryption: string;
  readonly retention: string;
  readonly exposed: string;
  readonly idleDollars: number;
}

/** The path of the construct that a person wrote. */
const constructPath = ({ Metadata }: Resource, id: string): string => {
  const path = String(Metadata?.['aws:cdk:path'] ?? id);
  return path
    .split('/')
    .slice(1)
    .join('/')
    .replace(/\/(Resource|Default)$/, '')
    .replace(/\/(Function|StateMachine|Task|Schedule)$/, '');
};

const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((found, key) => (found as Record<string | number, unknown> | undefined)?.[key], value);

const keyIn = (value: unknown): string | undefined => {
  // By its id in the template, alone or inside the name of an export.
  const name = /(?:"|GetAtt)([A-Z][a-z]+Key)[0-9A-F]{8}/.exec(JSON.stringify(value ?? ''))?.[1];
  return name && `\`${name}\``;
};

/** What lies there, encrypted with; nothing for what holds nothing. */
const encryptionOf = ({ Type, Properties: p }: Resource): string => {
  const ofService = 'the service’s key';
  switch (Type) {
    case 'AWS::S3::Bucket':
      return keyIn(p?.BucketEncryption) ?? ofService;
    case 'AWS::DynamoDB::Table':
      return keyIn(p?.SSESpecification) ?? ofService;
    case 'AWS::SecretsManager::Secret':
      return keyIn(p?.KmsKeyId) ?? ofService;
    case 'AWS::SNS::Topic':
      return keyIn(p?.KmsMasterKeyId) ?? 'none';
    case 'AWS::SQS::Queue':
      return keyIn(p?.KmsMasterKeyId) ?? (p?.SqsManagedSseEnabled === true ? ofService : 'none');
    case 'AWS::CodeBuild::Project':
      return keyIn(p?.EncryptionKey) ?? ofService;
    case 'AWS::Lambda::Function':
    case 'AWS::StepFunctions::StateMachine':
    case 'AWS::ECR::Repository':
    case 'AWS::Logs::LogGroup':
      return ofService;
    default:
      return '';
  }
};

const days = (count: unknown): string => `${count} days`;

const retentionOf = ({ Type, Properties: p, DeletionPolicy }: Resource): string => {
  const kept: string[] = [];
  if (Type === 'AWS::Logs::LogGroup') kept.push(days(p?.RetentionInDays));
  if (Type === 'AWS::SQS::Queue') kept.push(days(Number(p?.MessageRetentionPeriod ?? 345_600) / 86_400));
  if (Type === 'AWS::DynamoDB::Table') {
    const ttl = at(p, 'TimeToLiveSpecification', 'AttributeName');
    if (ttl !== undefined) kept.push(`until \`${ttl}\``);
    if (at(p, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true)
      kept.push('restorable to any second of 35 days');
  }
  if (Type === 'AWS::S3::Bucket') {
    const [rule] = (at(p, 'LifecycleConfiguration', 'Rules') ?? []) as Record<string, unknown>[];
    const lock = at(p, 'ObjectLockConfiguration', 'Rule', 'DefaultRetention') as
      | { Days: number; Mode: string }
      | undefined;
    if (rule?.ExpirationInDays !== undefined) kept.push(days(rule.ExpirationInDays));
    const replaced = at(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays');
    if (replaced !== undefined) kept.push(`replaced versions ${days(replaced)}`);
    if (lock) kept.push(`locked ${days(lock.Days)} (${lock.Mode.toLowerCase()})`);
  }
  if (DeletionPolicy?.startsWith('Retain')) kept.push('outlives the stack');
  return kept.join('; ');
};

/** What the resource says of itself; a step's name alone says nothing. */
const ownWords = ({ Type, Properties: p }: Resource): string | undefined => {
  if (Type === 'AWS::StepFunctions::StateMachine') {
    const comment = /\\"Comment\\":\\"(.*?)[.:(]/.exec(JSON.stringify(p?.DefinitionString))?.[1];
    return comment && `${comment}.`;
  }
  const description = p?.Description;
  return typeof description === 'string' && !description.startsWith('Step ') ? `${description}.` : undefined;
};

/** Functions that the gateway calls. */
const behindRoutes = (resources: Readonly<Record<string, Resource>>): ReadonlySet<string> =>
  new Set(
    Object.values(resources)
      .filter(
        ({ Type, Properties }) =>
          Type === 'AWS::Lambda::Permission' && Properties?.Principal === 'apigateway.amazonaws.com',
      )
      .map(({ Properties }) => String(at(Properties, 'FunctionName', 'Fn::GetAtt', 0))),
  );

const cleaned = (text: string): string =>
  text.replace(/\.+$/, '.').replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

/**
 * Every resource, described.
 *
 * @throws Error naming each type or path that nothing describes, and where to describe it
 */
export const inventory = (stacks: readonly StackTemplate[]): Entry[] => {
  const missing = new Set<string>();
  const entries = stacks.flatMap(({ stack, resources }) => {
    const routed = behindRoutes(resources);
    return Object.entries(resources).map(([id, resource]): Entry => {
      const type = types[resource.Type];
      const path = constructPath(resource, id);
      const purpose = ownWords(resource) ?? (type?.listed ? purposeOf(path) : undefined) ?? type?.purpose;
      if (!type)
        missing.add(`scripts/aws-resources/types.ts does not say what a ${resource.Type} is for and costs.`);
      else if (!purpose)
        missing.add(
          `scripts/aws-resources/purposes.ts does not say what the ${resource.Type} at ${path} is for.`,
        );
      const idle = idleCosts([{ Resources: { [id]: resource } }]);
      return {
        stack,
        path,
        type: resource.Type,
        purpose: cleaned(purpose ?? ''),
        encryption: encryptionOf(resource),
        retention: retentionOf(resource),
        exposed: type?.exposed ?? (routed.has(id) ? 'through the API' : ''),
        idleDollars: idle.reduce((sum, { dollarsPerMonth }) => sum + dollarsPerMonth, 0),
      };
    });
  });
  if (missing.size > 0) throw new Error([...missing].join('\n'));
  return entries;
};
