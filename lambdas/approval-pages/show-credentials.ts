import { addressFor, type Identify } from '../identity/visitor';
import type { CredentialRecord, Journal } from '../rotation/journal';
import { inOrderOfNeed } from '../rotation/life-cycle';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { type CredentialsContext, credentialsPage } from './credentials-page';
import { failedPage } from './failed-page';
import { messagePage } from './page';

/** Ports that read; there is none that writes. */
export interface ShowCredentialsDeps {
  readonly journal: Pick<Journal, 'list'>;
  readonly identify: Identify;
  readonly runUrl: CredentialsContext['runUrl'];
  readonly now: () => Date;
}

/** Shows to somebody who signed in how every credential stands. */
export const makeShowCredentials = (deps: ShowCredentialsDeps) => {
  const show = async (
    number: number,
    visitor: CredentialsContext['visitor'],
  ): Promise<HttpResponse | undefined> => {
    const now = deps.now();
    const records: CredentialRecord[] = [];
    for await (const record of deps.journal.list()) records.push(record);
    return credentialsPage(inOrderOfNeed(records, now), number, { visitor, now, runUrl: deps.runUrl });
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    const { method, query } = request;
    if (method !== 'GET' && method !== 'HEAD')
      return messagePage(405, 'This page can only be opened', ['Nothing was rotated.'], {
        Allow: 'GET, HEAD',
      });
    try {
      const { page = '1' } = query;
      const number = /^[1-9]\d{0,4}$/.test(page) ? Number(page) : undefined;
      const to = addressFor(
        { query: {} },
        'credentials',
        number === undefined || number === 1 ? {} : { page },
      );
      const who = await deps.identify(request, { to });
      if ('turnedAway' in who) return who.turnedAway;
      return (
        (number === undefined ? undefined : await show(number, who.visitor)) ??
        messagePage(404, 'There is no such page', ['Open “Credentials” and follow its links.'])
      );
    } catch (error) {
      return failedPage('the credentials could not be listed', error);
    }
  };
};
