import { randomBytes } from 'node:crypto';
import type { HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import { errorPage } from './page';

/**
 * The answer when something on our side failed. Page and log carry the same reference, and the page nothing else of
 * what failed: whoever quotes it is helped without telling what they looked at.
 */
export const failedPage = (what: string, error: unknown): HttpResponse => {
  const reference = randomBytes(5).toString('hex');
  logger.error(what, { reference, code: error instanceof Error ? error.name : 'unknown' });
  return errorPage(reference);
};
