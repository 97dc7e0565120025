import type { HttpResponse } from '../shared/http';
import { messagePage } from './page';

/** The answer to somebody who came too often. What they typed is still in their browser. */
export const tooManyPage = (minutes: number): HttpResponse =>
  messagePage(429, 'Too many requests', [
    'Nothing was decided and nobody was signed in or out: your browser, or others of your network, sent too many requests in a short time.',
    `Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, go back, and send it again. What you typed is still there. If this stays, tell the people who run the orchestrator.`,
  ]);
