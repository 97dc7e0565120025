import { Match, Template } from 'aws-cdk-lib/assertions';
import { prepareApp } from '../../../lib/orchestrator-app';
import { DataStack } from '../../../lib/stacks/data-stack';
import { NetworkStack } from '../../../lib/stacks/network-stack';
import { RotationStack } from '../../../lib/stacks/rotation-stack';
import { environment, findings, infraApp } from '../../support/infra-app';
import { type Statement, statementsByRole } from '../../support/template-statements';

/** The stack and those that it stands on. */
const standing = (name: 'local' | 'poc') => {
  const app = infraApp();
  const config = environment(name);
  prepareApp(app, config);
  const common = { env: { region: config.region }, config };
  const network = new NetworkStack(app, 'network', common);
  const data = new DataStack(app, 'data', common);
  return {
    app,
    config,
    network,
    data,
    rotation: new RotationStack(app, 'rotation', { ...common, network, stores: data }),
  };
};
const { app, config, network, data, rotation } = standing('poc');
const template = Template.fromStack(rotation);
const roles = statementsByRole(rotation);

/** What the one role of a step is allowed. */
const allowed = (step: 'Rotate' | 'List' | 'Report'): readonly Statement[] => {
  const found = [...roles].filter(([id]) => id.startsWith(`Rotation${step}`));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return found.flatMap(([, statements]) => statements.filter(({ effect }) => effect === 'Allow'));
};
const toSecrets = (step: Parameters<typeof allowed>[0]) =>
  allowed(step).filter(({ actions }) => actions.some((action) => action.startsWith('secretsmanager:')));
const rotating = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];
const [pageSecret = ''] = Object.keys(Template.fromStack(data).findResources('AWS::SecretsManager::Secret'));

test('there are three steps, each with a role of its own', () => {
  expect(Object.keys(rotation.steps).sort()).toEqual([
    'list-credentials',
    'report-rotation',
    'rotate-secret',
  ]);
  expect(roles.size).toBe(3);
});

test('one reads and replaces values: those of workspaces below one prefix, and the key of the pages by its ARN', () => {
  const statements = toSecrets('Rotate');
  expect(statements.map(({ actions }) => [...actions].sort())).toEqual(statements.map(() => rotating));
  const resources = statements.map(({ resource }) => resource).join();
  expect(resources).toContain(':secret:orchestrator-poc/workspaces/*');
  expect(resources).toContain(`ExportsOutputRef${pageSecret}`);
  // Nothing wider: one `*`, the one below the prefix.
  expect(resources.split('*')).toHaveLength(2);
});

test('the one who lists sees names and tags, and no value; the one who reports asks the store nothing', () => {
  expect(toSecrets('List').map(({ actions, resource }) => [actions, resource])).toEqual([
    [['secretsmanager:ListSecrets'], '"*"'],
  ]);
  expect(toSecrets('Report')).toEqual([]);
});

test('nobody of them makes, deletes, tags or schedules a secret, or says who may read one', () => {
  const actions = [...roles.values()].flat().flatMap((statement) => statement.actions);
  for (const action of ['CreateSecret', 'DeleteSecret', 'TagResource', 'RotateSecret', 'PutResourcePolicy'])
    expect(actions).not.toContain(`secretsmanager:${action}`);
  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
});

test('the key of data is used by Secrets Manager and DynamoDB alone, for whom the step calls them', () => {
  const ofKeys = allowed('Rotate').filter(({ actions }) =>
    actions.some((action) => action.startsWith('kms:')),
  );
  const by = ofKeys.map(({ actions, condition }) => [
    condition.StringEquals?.['kms:ViaService'],
    [...actions].sort(),
  ]);
  expect(by).toContainEqual([
    `secretsmanager.${rotation.region}.amazonaws.com`,
    ['kms:Decrypt', 'kms:GenerateDataKey'],
  ]);
  expect(by.every(([service]) => service !== undefined)).toBe(true);
});

test('the steps know which secrets are theirs', () => {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const scopes = functions
    .map(({ Properties }) => Properties.Environment.Variables)
    .filter(({ SECRETS_PREFIX }) => SECRETS_PREFIX !== undefined);
  expect(scopes).toHaveLength(2);
  for (const { SECRETS_PREFIX, OWN_SECRETS } of scopes) {
    expect(SECRETS_PREFIX).toBe('orchestrator-poc/workspaces/');
    expect(JSON.stringify(OWN_SECRETS)).toContain(pageSecret);
  }
});

test('Secrets Manager may call the one that rotates, for secrets of this account', () => {
  template.resourceCountIs('AWS::Lambda::Permission', 1);
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    Principal: 'secretsmanager.amazonaws.com',
    SourceAccount: Match.anyValue(),
    FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RotationRotate'), 'Arn'] },
  });
});

const placed = (of: Template): string[] =>
  Object.entries(of.findResources('AWS::Lambda::Function'))
    .filter(([, { Properties }]) => Properties.VpcConfig !== undefined)
    .map(([id]) => id);

test('only what signs in to databases stands in the network, with the workers and behind their rules', () => {
  const inside = placed(template);
  expect(inside).toEqual([expect.stringMatching(/^RotationRotate/)]);
  const [group = ''] = Object.keys(
    Template.fromStack(network).findResources('AWS::EC2::SecurityGroup', {
      Properties: { GroupDescription: Match.stringLikeRegexp('unner') },
    }),
  );
  template.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: {
      SecurityGroupIds: [{ 'Fn::ImportValue': Match.stringLikeRegexp(group) }],
      SubnetIds: Match.arrayWith([{ 'Fn::ImportValue': Match.stringLikeRegexp('Subnet') }]),
    },
  });
  expect(placed(Template.fromStack(standing('local').rotation))).toEqual([]);
});

test('each morning what is due is rotated, its beginnings spread', () => {
  const starts = config.schedules.filter(({ workflow }) => workflow === 'secret-rotation');
  expect(starts).toEqual([
    expect.objectContaining({
      cron: '0 4 * * ? *',
      enabled: true,
      input: expect.objectContaining({ due: true, spreadSeconds: 900 }),
    }),
  ]);
});

test('no rule finds anything', () => {
  expect(findings(app)).toEqual([]);
});
