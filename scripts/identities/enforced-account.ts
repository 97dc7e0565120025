import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Session } from '../../lambdas/broker-credentials/session';
import { loadEnvironment } from '../../lib/config/load-environment';
import { makeRoles, makeUser } from './emulator-roles';
import { type Document, type Identities, identitiesOf } from './roles';
import { fillIn } from './simulator';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The emulator knows one account, and takes this key for its root. */
const account = '000000000000';
const rootKeys: Keys = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * Makes every role of an environment in an emulator that enforces policies, their boundaries and trust included.
 *
 * @param endpoint of the emulator
 * @param workspace of the sessions that roles are made for, since the emulator knows no policy variables
 */
export const makeEnforcedAccount = async (endpoint: string, environment: string, workspace: string) => {
  const found = identitiesOf(loadEnvironment(environment));
  const here = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(found.account, account)) as T;
  const identities: Identities = {
    ...here(found),
    arnOf: (place) => here(found.arnOf(place)),
  };
  const clientsOf = (credentials: Keys) => {
    const settings = { endpoint, region: 'eu-central-1', credentials };
    return {
      sts: new STSClient(settings),
      s3: new S3Client({ ...settings, forcePathStyle: true }),
      sfn: new SFNClient(settings),
      lambda: new LambdaClient(settings),
      dynamo: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
    };
  };
  const root = clientsOf(rootKeys);
  const make = (roles: Parameters<typeof makeRoles>[2]) => makeRoles(root.sts, endpoint, roles);
  /** AWS takes the ARN of a session's role for `aws:PrincipalArn`; the emulator takes that of the session. */
  const ofSessions = (trust: Document): Document =>
    JSON.parse(
      JSON.stringify(trust).replaceAll(
        /:iam::(\d{12}):role\/aws-reserved\/[^"]*?(AWSReservedSSO_)/g,
        ':sts::$1:assumed-role/$2',
      ),
    );
  await make(
    identities.roles.map((role) => ({
      ...role,
      trust: ofSessions(role.trust),
      policies: role.policies.map((policy) => fillIn(policy, { workspace })),
    })),
  );
  const nameOf = (place: string): string => identities.arnOf(place).replace(/^.*[:/]/, '');

  return {
    account,
    identities,
    rootKeys,
    root,
    clientsOf,
    nameOf,
    makeRoles: make,
    makeUser: (name: string): Promise<Keys> => makeUser(root.sts, endpoint, name),
    /** Makes tables as far as these tests need them. */
    makeTables: async (keys: Readonly<Record<string, string>>): Promise<void> => {
      for (const [place, key] of Object.entries(keys))
        await root.dynamo.send(
          new CreateTableCommand({
            TableName: nameOf(place),
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
            KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
          }),
        );
    },
    assume: async (
      by: Keys,
      role: string,
      session: Partial<Pick<Session, 'name' | 'tags' | 'policy'>> = {},
    ): Promise<Keys> => {
      const { Credentials } = await clientsOf(by).sts.send(
        new AssumeRoleCommand({
          RoleArn: role.startsWith('arn:') ? role : identities.arnOf(role),
          RoleSessionName: session.name ?? 'test',
          ...(session.tags && {
            Tags: Object.entries(session.tags).map(([Key, Value]) => ({ Key, Value })),
            TransitiveTagKeys: Object.keys(session.tags),
          }),
          ...(session.policy && { Policy: JSON.stringify(session.policy) }),
        }),
      );
      return {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      };
    },
  };
};
