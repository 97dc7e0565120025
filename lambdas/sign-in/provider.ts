import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  ClientError,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  None,
  ResponseBodyError,
} from 'openid-client';
import { SignInRefusedError, SignInUnavailableError } from '../shared/errors';
import type { Attempt } from './attempt';
import type { Claims } from './person-of';

/** What a sign-in needs of the provider. */
export interface Provider {
  /** Where people sign in. @throws SignInUnavailableError */
  readonly signInUrl: (attempt: Attempt) => Promise<string>;
  /**
   * Redeems the code and verifies the ID token: signature, issuer, audience, expiry, nonce. No token is kept.
   *
   * @throws SignInRefusedError | SignInUnavailableError
   */
  readonly redeem: (query: Readonly<Record<string, string | undefined>>, attempt: Attempt) => Promise<Claims>;
  /** Where people end their session at the provider, if it says. @throws SignInUnavailableError */
  readonly signOutUrl: () => Promise<string | undefined>;
}

export interface ProviderSettings {
  /** HTTPS, or a loopback address where AWS is emulated. */
  readonly issuer: string;
  readonly clientId: string;
  /** Of a confidential client. @default a public client: PKCE alone */
  readonly clientSecret?: (() => Promise<string>) | undefined;
  readonly scopes: readonly string[];
  readonly publicUrl: string;
  readonly now: () => Date;
}

const requestSeconds = 5;
/** A provider that moved an endpoint is believed within the hour; a key that is new is fetched at once. */
const keepDiscoveryMs = 3_600_000;

/** Whether nothing came back, and not something that was wrong. */
const isUnreachable = (error: unknown): boolean => {
  if (error instanceof ResponseBodyError) return error.status >= 500;
  if (!(error instanceof ClientError)) return error instanceof TypeError;
  const { code, cause } = error;
  return (
    code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT' || (cause instanceof Response && cause.status >= 500)
  );
};

export const makeProvider = (settings: ProviderSettings): Provider => {
  const redirectUri = `${settings.publicUrl}/sign-in/callback`;
  let known:
    | {
        readonly until: number;
        readonly secret: string | undefined;
        readonly configuration: Promise<Configuration>;
      }
    | undefined;

  const discover = (secret: string | undefined): Promise<Configuration> => {
    const issuer = new URL(settings.issuer);
    return discovery(
      issuer,
      settings.clientId,
      undefined,
      secret === undefined ? None() : ClientSecretBasic(secret),
      {
        timeout: requestSeconds,
        execute: [
          enableNonRepudiationChecks,
          ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
        ],
      },
    );
  };

  const configuration = async (): Promise<Configuration> => {
    const now = settings.now().getTime();
    try {
      const secret = await settings.clientSecret?.();
      if (!known || known.until <= now || known.secret !== secret)
        known = { until: now + keepDiscoveryMs, secret, configuration: discover(secret) };
      return await known.configuration;
    } catch (cause) {
      known = undefined;
      throw new SignInUnavailableError(
        'The sign-in provider does not say where people sign in. Try again in a minute.',
        { cause },
      );
    }
  };

  return {
    signInUrl: async ({ state, nonce, verifier }) =>
      buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: settings.scopes.join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href,
    redeem: async (query, { state, nonce, verifier }) => {
      const answered = new URL(redirectUri);
      for (const [name, value] of Object.entries(query))
        if (value !== undefined) answered.searchParams.set(name, value);
      const provider = await configuration();
      try {
        const tokens = await authorizationCodeGrant(provider, answered, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        return { ...tokens.claims() };
      } catch (cause) {
        if (isUnreachable(cause))
          throw new SignInUnavailableError('The sign-in provider does not answer. Try again in a minute.', {
            cause,
          });
        throw new SignInRefusedError(
          'What the sign-in provider answered does not prove who you are. Sign in again.',
          { cause },
        );
      }
    },
    signOutUrl: async () => {
      const provider = await configuration();
      return provider.serverMetadata().end_session_endpoint === undefined
        ? undefined
        : buildEndSessionUrl(provider).href;
    },
  };
};
