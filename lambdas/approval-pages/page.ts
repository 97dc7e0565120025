import { raw } from 'hono/html';
import type { HttpResponse } from '../shared/http';
import { type Html, html } from './html';
import { style, styleSource } from './style';

/** Our own style by its digest, and our own forms. */
const contentSecurityPolicy = `default-src 'none'; style-src ${styleSource}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

/** A whole page as an answer. */
export const page = (
  status: number,
  title: string,
  main: Html,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: {
    'Content-Security-Policy': contentSecurityPolicy,
    'Content-Type': 'text/html; charset=utf-8',
    ...headers,
  },
  body: html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><style>${raw(style)}</style></head><body><header>Process orchestrator</header><main>${main}</main><footer>Opening this page decides nothing. A link from a mail is yours alone: do not forward it.</footer></body></html>`.toString(),
});

/** A short page: what happened, and what to do next. */
export const messagePage = (
  status: number,
  title: string,
  sentences: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): HttpResponse =>
  page(
    status,
    title,
    html`<h1>${title}</h1>${sentences.map((sentence) => html`<p class="lead">${sentence}</p>`)}`,
    headers,
  );

/** The same answer for an unknown approval, a wrong key and a missing one. */
export const wrongLinkPage = (): HttpResponse =>
  messagePage(404, 'This link does not work', [
    'It may have been cut short by a mail program, or it is not complete. Nothing was decided.',
    'Copy the whole link from your mail, from “http” to its last letter, and open it again.',
  ]);

/** Where nobody signs in, nobody can be told what waits for them. */
export const byMailPage = (): HttpResponse =>
  messagePage(404, 'Here, approvals come by mail', [
    'In this environment nobody signs in, so there is no list of what waits for you.',
    'Open the personal link in the mail about a change: it leads to that change, also after the decision.',
  ]);

/** Something on our side failed; the page says what is certain, and what to quote. */
export const errorPage = (reference?: string): HttpResponse =>
  page(
    500,
    'The page could not be prepared',
    html`<h1>The page could not be prepared</h1><p class="lead">Nothing was decided by this. Please try again in a minute.</p><p>If this stays, tell the people who run the orchestrator${
      reference === undefined
        ? ': its records hold the reason.'
        : html`, and quote <code id="reference">${reference}</code>: their logs hold the reason under it.`
    }</p>`,
  );
