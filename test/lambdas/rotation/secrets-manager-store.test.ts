import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { CredentialNotFoundError } from '../../../lambdas/rotation/errors';
import { makeSecretsManagerStore } from '../../../lambdas/rotation/secrets-manager-store';
import { TransientError } from '../../../lambdas/shared/errors';
import { itKeepsCredentials } from '../../support/credential-store-conformance';
import { InMemorySecretsManager } from '../../support/in-memory-secrets-manager';

const scope = { prefix: 'apps/', own: [] };
const now = () => new Date('2026-01-01T00:00:00.000Z');
const manager = new InMemorySecretsManager(now);
let made = 0;

itKeepsCredentials(async () => ({
  store: makeSecretsManagerStore(manager, scope),
  create: async (name, value, tags) => {
    manager.create(`apps/${name}`, JSON.stringify(value), tags);
    return `apps/${name}`;
  },
  overwrite: async (id, value) => {
    const ClientRequestToken = `by-hand-${made++}`;
    await manager.send(
      new PutSecretValueCommand({ SecretId: id, ClientRequestToken, SecretString: JSON.stringify(value) }),
    );
  },
}));

/** A store of which each call ends so. */
const ending = (name: string) =>
  makeSecretsManagerStore(
    {
      send: async () => {
        throw Object.assign(new Error('what it says'), { name });
      },
    },
    scope,
  );
const calls = (store: ReturnType<typeof ending>) => [
  store.describe('a'),
  store.currentSince('a'),
  store.read('a', 'v'),
  store.stage('a', 'v', 'x'),
  store.promote('a', { to: 'v', from: 'u' }),
  store.dropPending('a', 'v'),
  store.list()[Symbol.asyncIterator]().next(),
];

test.each([
  ['ThrottlingException', TransientError],
  ['InternalServiceError', TransientError],
  ['ResourceNotFoundException', CredentialNotFoundError],
  ['InvalidRequestException', CredentialNotFoundError],
])('%s is told as what it means', async (name, kind) => {
  for (const call of calls(ending(name))) await expect(call).rejects.toThrow(kind);
});

test('what it may not do is told as it is', async () => {
  for (const call of calls(ending('AccessDeniedException')))
    await expect(call).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a secret without a value, one that is being deleted, and one of bytes are told apart from a key', async () => {
  const other = new InMemorySecretsManager(now);
  other.create('apps/empty', 'x', {});
  other.secrets.get('apps/empty')?.versions.clear();
  other.create('apps/deleted', 'x', {});
  Object.assign(other.secrets.get('apps/deleted') ?? {}, { deleted: now() });
  other.create('apps/bytes', 'x', {});
  const send = async (command: object) =>
    command instanceof GetSecretValueCommand && command.input.SecretId === 'apps/bytes'
      ? { SecretBinary: new Uint8Array([1]) }
      : other.send(command);
  const store = makeSecretsManagerStore({ send }, scope);
  await expect(store.describe('apps/empty')).rejects.toThrow('has no value yet');
  await expect(store.currentSince('apps/empty')).rejects.toThrow('has no value yet');
  await expect(store.describe('apps/deleted')).rejects.toThrow('is being deleted');
  await expect(store.currentSince('apps/deleted')).rejects.toThrow('is being deleted');
  await expect(store.read('apps/bytes', 'first')).rejects.toThrow('has no text as its value');
});
