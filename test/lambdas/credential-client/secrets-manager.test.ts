import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { readFromSecretsManager } from '../../../lambdas/credential-client/secrets-manager';

const manager = mockClient(SecretsManagerClient);
beforeEach(() => manager.reset());
const read = readFromSecretsManager(new SecretsManagerClient({}), 'arn:secret');
const none = Object.assign(new Error('no such label'), { name: 'ResourceNotFoundException' });

test.each([
  ['current', 'AWSCURRENT'],
  ['previous', 'AWSPREVIOUS'],
] as const)('asks for what is %s by its label, so that a policy may allow it alone', async (stage, label) => {
  manager.on(GetSecretValueCommand).resolves({ SecretString: 'text' });
  expect(await read(stage)).toBe('text');
  expect(manager.commandCalls(GetSecretValueCommand)[0]?.args[0].input).toEqual({
    SecretId: 'arn:secret',
    VersionStage: label,
  });
});

test('that there is no previous version is an answer, that there is no current one an error', async () => {
  manager.on(GetSecretValueCommand).rejects(none);
  expect(await read('previous')).toBeUndefined();
  await expect(read('current')).rejects.toBe(none);
});

test('a secret that holds bytes, or nothing, is an error', async () => {
  manager.on(GetSecretValueCommand).resolves({ SecretBinary: Buffer.from('x') });
  await expect(read('current')).rejects.toThrow('The secret has no text.');
});
