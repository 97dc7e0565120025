import type { HttpRequest } from './http';

/**
 * What a browser says about where a form came from. With `Referrer-Policy: no-referrer` it sends `Origin: null` for
 * our own form too, so that value alone says nothing; Sec-Fetch-Site and the form token do.
 */
export const isForeign = ({ headers }: HttpRequest): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return true;
  const origin = headers.origin;
  if (origin === undefined || origin === 'null') return false;
  return !URL.canParse(origin) || new URL(origin).host !== headers.host;
};
