import type { Visitor } from '../identity/visitor';
import { mailLine } from '../shared/publish-mail';
import { type Html, html } from './html';

/** Somebody who signed in has a list to go back to, and a way out; the holder of a personal link has neither. */
export const ownNav = (
  { person, query }: Pick<Visitor, 'person' | 'query'>,
  { root, isList }: { root: '' | '../'; isList: boolean },
): Html | '' =>
  Object.keys(query).length > 0
    ? ''
    : html`<nav class="pager" aria-label="Yours">${
        isList
          ? html`<span class="hint">You are ${mailLine(person.id, 128)}</span><a href="${root}credentials">Credentials</a>`
          : html`<a href="${root}approvals">‹ My approvals</a>`
      }<a href="${root}sign-out">Sign out</a></nav>`;
