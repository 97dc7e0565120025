import { type Html, html } from '../approval-pages/html';
import { page } from '../approval-pages/page';
import type { HttpResponse } from '../shared/http';

export interface SignInPage {
  readonly status: number;
  readonly title: string;
  readonly sentences: readonly (string | Html)[];
  /** What to quote, and to look up in docs/errors.md. */
  readonly code?: string;
  /** Where to try again. */
  readonly again?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A short page about signing in or out: what happened, and what to do next. */
export const signInPage = ({ status, title, sentences, code, again, headers }: SignInPage): HttpResponse =>
  page(
    status,
    title,
    html`<h1>${title}</h1>${sentences.map((sentence) => html`<p class="lead">${sentence}</p>`)}${
      again === undefined ? '' : html`<p><a href="${again}" id="again">Sign in again</a></p>`
    }${code === undefined ? '' : html`<p class="hint">Code: ${code}</p>`}`,
    headers,
  );
