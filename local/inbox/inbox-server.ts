import { createServer, type IncomingMessage, type Server } from 'node:http';
import { contentSecurityPolicy, listPage, mailPage, missingPage } from './inbox-page';
import type { MailStore } from './mail-store';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const asPage = (body: string, status = 200): Answer => ({ status, type: 'text/html; charset=utf-8', body });

const answer = async (store: MailStore, request: IncomingMessage): Promise<Answer> => {
  // A page elsewhere could make its own name resolve to this machine, and read links that decide.
  const host = request.headers.host?.replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost')
    return { status: 403, type: 'text/plain', body: 'Ask for 127.0.0.1.\n' };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, type: 'text/plain', body: 'The inbox can only be read.\n' };
  const path = (request.url ?? '/').split('?', 1)[0];
  const mails = await store.list();
  if (path === '/') return asPage(listPage(mails));
  if (path === '/messages.json')
    return { status: 200, type: 'application/json', body: JSON.stringify(mails) };
  const found = mails.find(({ id }) => path === `/messages/${id}`);
  return found ? asPage(mailPage(found)) : asPage(missingPage(), 404);
};

/** The inbox as pages for people (`/`, `/messages/<id>`) and as JSON (`/messages.json`, oldest first). */
export const makeInboxServer = (store: MailStore, log: (line: string) => void): Server =>
  createServer((request, response) => {
    void answer(store, request)
      .catch((error: Error): Answer => {
        log(`inbox page: ${error.message}`);
        return { status: 500, type: 'text/plain', body: 'The inbox cannot be read.\n' };
      })
      .then(({ status, type, body }) => {
        response.writeHead(status, {
          'content-type': type,
          'cache-control': 'no-store',
          'content-security-policy': contentSecurityPolicy,
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
  });
