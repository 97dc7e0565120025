/**
 * A real OpenID provider on this machine, as a program of its own: it is an ES module, which Jest does not load.
 * Whoever signs in says who they are and in which groups; nothing is remembered beyond the process.
 *
 * Arguments: the redirect address of the client, and its secret. Prints its issuer.
 */
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [redirectUri, clientSecret] = process.argv.slice(2);
const groupsOf = new Map();

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'orchestrator',
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  cookies: { keys: ['only for this process'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'email', 'groups'],
  // As most providers do, and unlike this one's default: claims of scopes are in the ID token.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.com`,
      email_verified: !id.startsWith('unverified'),
      groups: groupsOf.get(id) ?? [],
    }),
  }),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope('openid email groups');
    await grant.save();
    return grant;
  },
});

const bodyOf = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
};

const answer = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  if (request.method === 'GET')
    return response
      .setHeader('content-type', 'text/html')
      .end(
        `<!doctype html><title>Provider</title><form method="post" action="${request.url}"><input name="account"><input name="groups"><button>Sign in</button><button name="cancel" value="yes">Cancel</button></form>`,
      );
  const form = await bodyOf(request);
  const account = form.get('account');
  groupsOf.set(account, form.get('groups').split(' '));
  const result = form.has('cancel')
    ? { error: 'access_denied', error_description: 'the person <b>cancelled</b>' }
    : { login: { accountId: account } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});
process.stdout.write(`issuer ${issuer}\n`);
