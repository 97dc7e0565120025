import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What an answer differs in from an honest one. */
export interface Lie {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Sign with a key that the provider does not publish. */
  readonly foreignKey?: boolean;
  readonly unsigned?: boolean;
  /** Answer the request for tokens with this status. */
  readonly status?: number;
  readonly noToken?: boolean;
}

/** A provider whose token endpoint says whatever a test wants. Its discovery and keys are in order. */
export const startLyingProvider = async () => {
  const [own, foreign] = [ec(), ec()];
  let lie: Lie = {};
  let nonce = '';
  const server = createServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const json = (value: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/.well-known/openid-configuration')
      return json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      });
    if (request.url === '/keys')
      return json({
        keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }],
      });
    if (lie.status !== undefined) return json({ error: 'server_error' }, lie.status);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: 'orchestrator',
      sub: 'kim',
      iat: now,
      exp: now + 60,
      nonce,
      email: 'kim@example.com',
      email_verified: true,
      groups: ['approvers'],
      ...lie.claims,
    };
    const text = `${encode({ alg: 'ES256', kid: 'k', ...lie.header })}.${encode(claims)}`;
    const key = (lie.foreignKey ? foreign : own).privateKey;
    const signature = lie.unsigned
      ? ''
      : createSign('SHA256').update(text).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64url');
    return json({
      access_token: 'an-access-token',
      token_type: 'Bearer',
      ...(!lie.noToken && { id_token: `${text}.${signature}` }),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What the next answer says. */
    tell: (asked: { readonly nonce: string }, next: Lie): void => {
      nonce = asked.nonce;
      lie = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
