import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { makeMask, masked } from '../../../lambdas/runners/masking';
import { looksRandom } from '../../../lambdas/runners/secret-looks';
import { secretLooks } from '../../support/planted-secrets';

const mask = makeMask([]);

test.each(Object.entries(secretLooks))('%s is hidden wherever it stands in a text', (_, secret) => {
  fc.assert(
    fc.property(
      fc.constantFrom(' ', '', '\n', '"', "'", '(', ',', ' = ', '\t'),
      fc.constantFrom('', ' ', '\n', '"', "'", ')', ',', ';'),
      fc.constantFrom<(text: string) => string>(
        (text) => text,
        (text) => JSON.stringify({ note: text }),
        (text) => JSON.stringify({ deeper: JSON.stringify({ note: text }) }),
        (text) => Buffer.from(`found ${text} here`).toString('base64'),
        (text) => Buffer.from(JSON.stringify([text])).toString('base64url'),
        (text) => Buffer.from(Buffer.from(`x ${text}`).toString('base64')).toString('base64'),
        (text) =>
          Buffer.from(`${'a long text in lines '.repeat(9)} ${text}`)
            .toString('base64')
            .replace(/.{76}/g, '$&\n'),
      ),
      (before, after, form) => {
        const planted = form(`${before}${secret}${after}`);
        const shown = mask(`said: ${planted} and went on`);
        expect(shown).not.toContain(secret);
        expect(shown).not.toContain(JSON.stringify(secret).slice(1, -1));
        expect(shown).toContain(masked);
        // What stood around it in base64 would give it back.
        for (const word of shown.match(/[\w+/=-]{16,}/g) ?? [])
          expect(Buffer.from(word, 'base64').toString('utf8')).not.toContain(secret);
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef',
  'arn:aws:secretsmanager:eu-central-1:123456789012:secret:demo/web-01/login-a1B2c3',
  'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  '7b1e7f5a-94e5-4a52-9d3f-0a8c6d1e2f3b',
  '7B1E7F5A-94E5-4A52-9D3F-0A8C6D1E2F3B',
  createHash('sha256').update('x').digest('hex'),
  createHash('sha1').update('x').digest('hex'),
  `sha256-${createHash('sha256').update('x').digest('base64')}`,
  `SHA256:${createHash('sha256').update('y').digest('base64').slice(0, 43)}`,
  'h1:F2qP1lS8iXU1wLPjUJcVDN3wBhLh3kz5TUz1D2g5yKo=',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfJ8yZ0bPjCqJ2m5e0pK1nYkZ4dT3vR7uQxW9sLhBcE ops@web-01',
  '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2l4hG0kq7Zx3vB9nT5yRfW8eKswCgYIKoZIzj0EAwIw\n-----END CERTIFICATE-----',
  'vpc-0a1b2c3d4e5f67890',
  'AROAIOSFODNN7EXAMPLE9',
  '01J9ZK7T3M5QX8V2BNCD4EFGHJ',
  'MyLambdaFunctionRoleDefaultPolicy8F2A9B1C',
  'AmazonEC2ContainerRegistryReadOnly',
  'ELBSecurityPolicy-TLS13-1-2-2021-06',
  'amazon/al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64',
  'https://sqs.eu-central-1.amazonaws.com/123456789012/notify-dead-letters',
  'registry.opentofu.org/hashicorp/aws',
  '/opt/web-service/releases/2026-11-21T090000Z/index.html',
  'web-01.demo.internal.example.com',
  'The passengers pass the token gate; secrets are kept by the Secretary.',
  'cron(0 3 ? * MON-FRI *)',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '2001:db8:85a3::8a2e:370:7334/64',
  '#!/bin/bash\nset -euo pipefail\napt-get install -y nginx\n',
  Buffer.from('#cloud-config\npackages: [nginx, curl]\n').toString('base64'),
])('the ordinary value %j stays as it is', (value) => {
  expect(mask(value)).toBe(value);
});

test('a random word is hidden, but where its name says that it is meant to be shown', () => {
  const digest = createHash('sha256').update('a file').digest('base64');
  expect(mask(`${digest} beside it`, 'note')).toBe(`${masked} beside it`);
  for (const name of ['source_code_hash', 'output_base64sha256', 'etag', 'version_id', 'publicKey'])
    expect([name, mask(digest, name)]).toEqual([name, digest]);
});

test('of random keys, hardly one is taken for a name', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const draw = (index: number): string =>
    [...createHash('sha512').update(`key ${index}`).digest()]
      .slice(0, 40)
      .map((byte) => letters[byte % 64])
      .join('');
  const found = Array.from({ length: 2000 }, (_, index) => looksRandom(draw(index))).filter(Boolean);
  expect(found.length).toBeGreaterThan(1980);
});

/** A quadratic pattern would need minutes for these, and the test runner waits for seconds. */
test.each([
  '-----BEGIN CERTIFICATE-----',
  '-----BEGIN PRIVATE KEY-----',
  'ssh-rsa AAAA',
  'eyaaaaaaaaaa.',
  'bearer ',
  `${'A'.repeat(64)}\n`,
  'password="',
  'a',
  '://a:',
  '$2$',
  'sha256-',
])('%j repeated to 200,000 characters is looked through at once', (piece) => {
  const text = piece.repeat(Math.ceil(200_000 / piece.length));
  expect(mask(text).length).toBeGreaterThan(0);
});
