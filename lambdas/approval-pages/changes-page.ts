import type { ApprovalView } from '../shared/approval-reader';
import type { HttpResponse } from '../shared/http';
import type { PlanDocument, PlanPage } from '../shared/plan-document';
import type { PlayDocument } from '../shared/play-document';
import type { ChangeLinks } from './change-links';
import { type Html, html } from './html';
import { page } from './page';
import { rowView } from './plan-row-view';
import { counted, groupWords } from './plan-view';
import { hostView } from './play-view';

type Group = PlanDocument['groups'][number];

export interface ChangesContext {
  readonly approval: ApprovalView;
  readonly links: ChangeLinks;
  /** The page of the whole change. */
  readonly back: string;
  readonly headers: Readonly<Record<string, string>>;
}

const pager = (number: number, pages: number, href: (page: number) => string): Html => {
  const link = (to: number, words: string): Html =>
    to < 1 || to > pages || to === number
      ? html`<span class="hint">${words}</span>`
      : html`<a href="${href(to)}">${words}</a>`;
  return html`<nav class="pager" aria-label="Pages">${link(1, 'First')}${link(number - 1, '‹ Before')}<span>Page ${number} of ${pages}</span>${link(number + 1, 'Next ›')}${link(pages, 'Last')}</nav>`;
};

const backLink = (back: string): Html =>
  html`<p><a href="${back}">‹ The whole change, and your decision</a></p>`;

/** One page of one group of a plan. */
export const groupPage = (
  { approval, links, back, headers }: ChangesContext,
  { group, total, content }: Group,
  number: number,
  { rows }: PlanPage,
): HttpResponse => {
  const { title, danger } = groupWords[group];
  const pages = 'pages' in content ? content.pages.length : 1;
  const nav = pages === 1 ? '' : pager(number, pages, (to) => links.group(group, to));
  return page(
    200,
    `${title}, page ${number} of ${pages}: ${approval.workspace}`,
    html`${backLink(back)}<h1>${danger ? '⚠ ' : ''}${title}</h1><p class="lead">${counted(total, 'entry', 'entries')} of the change of <code>${approval.workspace}</code></p>${nav}${rows.map((row) => rowView(row, true, number))}${nav}${backLink(back)}`,
    headers,
  );
};

/** What a playbook does on one host. */
export const hostPage = (
  { approval, back, headers }: ChangesContext,
  host: PlayDocument['hosts'][number],
): HttpResponse =>
  page(
    200,
    `${host.name}: ${approval.workspace}`,
    html`${backLink(back)}<h1>Configuration of ${host.name}</h1>${hostView(host, true)}${backLink(back)}`,
    headers,
  );
