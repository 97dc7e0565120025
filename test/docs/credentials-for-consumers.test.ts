import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import ts from 'typescript';
import { makeCredentialClient } from '../../lambdas/credential-client/credential-client';
import { readFromSecretsManager } from '../../lambdas/credential-client/secrets-manager';

const guide = readFileSync(join(__dirname, '../../docs/guides/credentials-for-consumers.md'), 'utf8');

test('the example of the guide runs, through a rotation that retires what it holds', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const body = example.replace(/^import .*$/gm, '');
  const { outputText } = ts.transpileModule(body, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const values = ['{"password":"old"}', '{"password":"new"}'];
  const read: string[] = [];
  const tried: string[] = [];
  const run = new Function(
    'SecretsManagerClient',
    'makeCredentialClient',
    'readFromSecretsManager',
    'readOrders',
    `return (async () => { ${outputText}; return orders; })();`,
  );
  const store = {
    send: async ({ input }: { input: { SecretId: string; VersionStage: string } }) => {
      read.push(`${input.VersionStage} of ${input.SecretId}`);
      return { SecretString: values[Math.min(read.length - 1, 1)] };
    },
  };
  const orders = await run(
    class {
      send = store.send;
    } as unknown as typeof SecretsManagerClient,
    makeCredentialClient,
    readFromSecretsManager,
    async ({ password }: { password: string }) => {
      tried.push(password);
      if (password === 'old') throw Object.assign(new Error('refused'), { code: '28P01' });
      return ['an order'];
    },
  );
  expect(orders).toEqual(['an order']);
  expect(tried).toEqual(['old', 'new']);
  expect(read[0]).toBe('AWSCURRENT of orchestrator-prod/workspaces/demo/web-01/orders');
});
