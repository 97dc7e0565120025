import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { securityHeaders } from '../../lambdas/shared/security-headers';

/** What API Gateway answers by itself, before any of our functions is asked. */
const answers = [
  {
    id: 'NoSuchPage',
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: '404',
    title: 'There is no such page',
    next: 'Nothing was decided. Copy the whole link from your mail, from “http” to its last letter, and open it again.',
  },
  {
    id: 'TooMany',
    type: ResponseType.THROTTLED,
    status: '429',
    title: 'Too many requests at once',
    next: 'Nothing was decided. Wait a minute, then open your link again.',
  },
  {
    id: 'Blocked',
    type: ResponseType.WAF_FILTERED,
    status: '403',
    title: 'This request was not let through',
    next: 'Nothing was decided. The firewall took it for an attack, or too many came from your network. Wait five minutes and open your link again. If this stays, tell the people who run the orchestrator.',
  },
  {
    id: 'Refused',
    type: ResponseType.DEFAULT_4XX,
    status: undefined,
    title: 'This request was not taken',
    next: 'Nothing was decided. It was too large, incomplete or of another kind than our forms send. Open your link again and use its form.',
  },
  {
    id: 'Failed',
    type: ResponseType.DEFAULT_5XX,
    status: undefined,
    title: 'The page could not be prepared',
    next: 'Please try again in a minute: opening your link again shows whether an answer that you sent was taken.',
  },
] as const;

/** A page with the reference under which the access log has the request. No value of the request stands in it. */
const pageOf = (title: string, next: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title></head><body><main><h1>${title}</h1><p>${next}</p><p>Reference: <code>$context.requestId</code></p></main></body></html>`;

/** Lets API Gateway answer people in sentences where it would answer with JSON. */
export const addGatewayPages = (api: RestApi): void => {
  for (const { id, type, status, title, next } of answers)
    api.addGatewayResponse(id, {
      type,
      ...(status && { statusCode: status }),
      responseHeaders: {
        ...Object.fromEntries(
          // A quote inside a static value of the gateway cannot be written: keywords stand in a policy without pages.
          Object.entries(securityHeaders).map(([name, value]) => [name, `'${value}'`]),
        ),
      },
      templates: { 'text/html': pageOf(title, next) },
    });
};
