import type { ListedApprovals } from '../shared/approval-lists';
import type { HttpResponse } from '../shared/http';
import { type Html, html } from './html';
import { listView, type Onlooker } from './list-view';
import { ownNav } from './own-nav';
import { page } from './page';

/** The lists, as they stand in an address. */
export const listNames = ['waiting', 'asked', 'ended'] as const;
export type ListName = (typeof listNames)[number];

const words: Readonly<Record<ListName, { title: string; none: string }>> = {
  waiting: {
    title: 'Waiting for an answer',
    none: 'Nothing waits for you. When something does, you get a mail.',
  },
  asked: { title: 'You asked for', none: 'You asked for nothing yet.' },
  ended: { title: 'Lately decided', none: 'Nothing was decided in the last three months.' },
};

const address = (list: ListName, after?: string): string =>
  `approvals?${new URLSearchParams({ list, ...(after !== undefined && { after }) })}`;

const section = (name: ListName, { approvals, next }: ListedApprovals, onlooker: Onlooker): Html => {
  const { title, none } = words[name];
  return html`<h2 id="${name}">${title}</h2>${
    approvals.length === 0 && next === undefined
      ? html`<p class="hint">${none}</p>`
      : listView(approvals, onlooker)
  }${next === undefined ? '' : html`<p><a href="${address(name, next)}">More: ${title.toLowerCase()} ›</a></p>`}`;
};

/** Everything about one person's approvals, the most urgent first. */
export const listsPage = (
  lists: Readonly<Record<ListName, ListedApprovals>>,
  onlooker: Onlooker,
): HttpResponse =>
  page(
    200,
    'My approvals',
    html`${ownNav(onlooker.visitor, { root: '', isList: true })}<h1>My approvals</h1>${listNames.map((name) => section(name, lists[name], onlooker))}`,
    onlooker.visitor.headers,
  );

/** One list, read on. */
export const listPage = (name: ListName, listed: ListedApprovals, onlooker: Onlooker): HttpResponse => {
  const { title } = words[name];
  return page(
    200,
    title,
    html`<p><a href="approvals">‹ My approvals</a></p><h1>${title}</h1>${
      listed.approvals.length === 0
        ? html`<p class="lead">Nothing more.</p>`
        : listView(listed.approvals, onlooker)
    }<nav class="pager" aria-label="Pages"><a href="${address(name)}">‹ First</a>${
      listed.next === undefined
        ? html`<span class="hint">That is all</span>`
        : html`<a href="${address(name, listed.next)}">Next ›</a>`
    }</nav>`,
    onlooker.visitor.headers,
  );
};
