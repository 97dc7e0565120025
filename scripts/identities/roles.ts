import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { EnvironmentConfig } from '../../lib/config/schema';
import { makeOrchestratorApp } from '../../lib/orchestrator-app';
import { type Template as Synthesized, templateValues } from './template-values';

export type Document = Readonly<Record<string, unknown>>;

/** A role as it is deployed: references have values. */
export interface Role {
  /** Where it stands in the app, e.g. `Runner/PlanCredentials/Lent`. */
  readonly name: string;
  readonly arn: string;
  readonly trust: Document;
  readonly policies: readonly Document[];
  readonly boundary: Document | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the synthesized templates of one environment say about identities. */
export interface Identities {
  readonly account: string;
  readonly region: string;
  readonly roles: readonly Role[];
  /** Policies of buckets and keys, by the ARN that they protect. */
  readonly resourcePolicies: Readonly<Record<string, Document>>;
  /** The ARN of the resource at this place of the app, e.g. `State`, `Gate/SendCallback/Function`. */
  arnOf(place: string): string;
}

const account = '111122223333';
const root = join(__dirname, '../..');

/** What AWS's own policies allow that roles of the app have. */
const managedByAws: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaBasicExecutionRole: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  AmazonAPIGatewayPushToCloudWatchLogs: [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:FilterLogEvents',
    'logs:GetLogEvents',
    'logs:PutLogEvents',
  ],
};

const awsPolicy = (arn: string): Document => {
  const actions = managedByAws[arn.replace(/^.*\//, '')];
  if (!actions) throw new Error(`What ${arn} allows is not known here: prefer a policy of our own.`);
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
};

const placeOf = (resource: CfnResource): string =>
  resource.node.path
    .split('/')
    .slice(1)
    .filter((part) => !['Resource', 'Identity', 'Role'].includes(part))
    .join('/')
    .replace(/\/Task\/TaskRole$/, '');

interface Found {
  readonly place: string;
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Document;
}

/** Reads the roles of an environment out of its synthesized templates. */
export const identitiesOf = (config: EnvironmentConfig): Identities => {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const app = new App({ context });
  makeOrchestratorApp(app, config);
  const templates: Record<string, Synthesized> = Object.fromEntries(
    app.node
      .findAll()
      .filter(Stack.isStack)
      .map((stack) => [stack.stackName, Template.fromStack(stack).toJSON() as Synthesized]),
  );
  const { arnOf, valueIn } = templateValues(templates, { account, region: config.region });
  const all: Found[] = app.node
    .findAll()
    .filter(CfnResource.isCfnResource)
    .flatMap((resource) => {
      const stack = resource.stack.stackName;
      const id = String(resource.stack.resolve(resource.logicalId));
      const written = templates[stack]?.Resources[id];
      if (!written) return [];
      const { Type: type, Properties: properties = {} } = written;
      return [{ place: placeOf(resource), stack, id, type, properties }];
    });
  const ofType = (type: string) => all.filter((one) => one.type === type);
  const value = ({ stack }: Found, given: unknown) => valueIn(stack, given);

  const managed = new Map(
    ofType('AWS::IAM::ManagedPolicy').map((one) => [
      arnOf(one.stack, one.id),
      value(one, one.properties.PolicyDocument) as Document,
    ]),
  );
  const attached = (role: Found): Document[] =>
    [...ofType('AWS::IAM::Policy'), ...ofType('AWS::IAM::ManagedPolicy')]
      .filter(
        ({ stack, properties }) =>
          stack === role.stack &&
          ((properties.Roles ?? []) as { Ref?: string }[]).some(({ Ref }) => Ref === role.id),
      )
      .map((policy) => value(policy, policy.properties.PolicyDocument) as Document);
  const roles = ofType('AWS::IAM::Role').map((role): Role => {
    const {
      Policies = [],
      ManagedPolicyArns = [],
      PermissionsBoundary,
      AssumeRolePolicyDocument,
      Tags = [],
    } = value(role, role.properties) as {
      Policies?: { PolicyDocument: Document }[];
      ManagedPolicyArns?: string[];
      PermissionsBoundary?: string;
      AssumeRolePolicyDocument: Document;
      Tags?: { Key: string; Value: string }[];
    };
    return {
      name: role.place,
      arn: arnOf(role.stack, role.id),
      trust: AssumeRolePolicyDocument,
      policies: [
        ...attached(role),
        ...Policies.map(({ PolicyDocument }) => PolicyDocument),
        ...ManagedPolicyArns.map((arn) => managed.get(arn) ?? awsPolicy(arn)),
      ],
      boundary: PermissionsBoundary === undefined ? undefined : managed.get(PermissionsBoundary),
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    };
  });
  const protectedBy = (type: string, property: string, policyOf: string): [string, Document][] =>
    ofType(type).map((one) => {
      const named = property === '' ? { Ref: one.id } : one.properties[property];
      const id = (named as { Ref: string }).Ref;
      return [arnOf(one.stack, id), value(one, one.properties[policyOf]) as Document];
    });
  return {
    account,
    region: config.region,
    roles: roles.sort((a, b) => (a.name < b.name ? -1 : 1)),
    resourcePolicies: Object.fromEntries([
      ...protectedBy('AWS::S3::BucketPolicy', 'Bucket', 'PolicyDocument'),
      ...protectedBy('AWS::KMS::Key', '', 'KeyPolicy'),
    ]),
    arnOf: (place) => {
      const found = all.find((one) => one.place === place);
      if (!found) throw new Error(`There is nothing at ${place} in ${config.name}.`);
      return arnOf(found.stack, found.id);
    },
  };
};
