import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { makeSecretStore } from '../../../lambdas/runners/secret-store';

const secrets = mockClient(SecretsManagerClient);
beforeEach(() => secrets.reset());

const store = makeSecretStore(
  new SecretsManagerClient({ region: 'eu-central-1' }),
  'orchestrator-poc/workspaces',
);
const SecretId = 'orchestrator-poc/workspaces/demo/web-01/orders';
const gone = new ResourceNotFoundException({ message: 'gone', $metadata: {} });

test('finds a secret with its tags', async () => {
  secrets
    .on(DescribeSecretCommand, { SecretId })
    .resolves({ Tags: [{ Key: 'workspace', Value: 'demo/web-01' }] });
  secrets.on(GetSecretValueCommand, { SecretId }).resolves({ SecretString: '{}' });
  expect(await store.find('demo/web-01/orders')).toEqual({ value: '{}', tags: { workspace: 'demo/web-01' } });
});

test('tells a secret that is not there from one that is being deleted, and from one without a value', async () => {
  secrets.on(DescribeSecretCommand).rejectsOnce(gone);
  expect(await store.find('demo/web-01/orders')).toBeUndefined();
  secrets.on(DescribeSecretCommand).resolves({ DeletedDate: new Date(0) });
  expect(await store.find('demo/web-01/orders')).toEqual({ value: undefined, tags: {} });
  secrets.on(DescribeSecretCommand).resolves({});
  secrets.on(GetSecretValueCommand).rejects(gone);
  expect(await store.find('demo/web-01/orders')).toEqual({ value: undefined, tags: {} });
});

test('a secret that cannot be read now is no reason to make another', async () => {
  secrets.on(DescribeSecretCommand).rejects(new Error('Rate exceeded'));
  await expect(store.find('demo/web-01/orders')).rejects.toThrow('Rate exceeded');
});

test('makes a secret with its tags, in one call', async () => {
  secrets.on(CreateSecretCommand).resolves({});
  await store.create('demo/web-01/orders', '{"a":1}', { owner: 'shop' });
  expect(secrets.commandCalls(CreateSecretCommand).map(({ args }) => args[0].input)).toEqual([
    expect.objectContaining({
      Name: SecretId,
      SecretString: '{"a":1}',
      Tags: [{ Key: 'owner', Value: 'shop' }],
    }),
  ]);
});

test('writes what differs, and nothing else', async () => {
  secrets.on(PutSecretValueCommand).resolves({});
  secrets.on(TagResourceCommand).resolves({});
  const stored = { value: '{}', tags: { owner: 'shop', other: 'kept' } };
  await store.update('demo/web-01/orders', stored, '{}', { owner: 'shop' });
  expect(secrets.calls()).toHaveLength(0);
  await store.update('demo/web-01/orders', stored, '{"b":2}', { owner: 'team' });
  expect(secrets.commandCalls(PutSecretValueCommand)).toHaveLength(1);
  expect(secrets.commandCalls(TagResourceCommand)).toHaveLength(1);
});

test('a worker that plays no roles has no secrets', async () => {
  const none = makeSecretStore(new SecretsManagerClient({ region: 'eu-central-1' }), undefined);
  await expect(none.find('demo/web-01/orders')).rejects.toThrow('plays no roles');
  expect(secrets.calls()).toHaveLength(0);
});
