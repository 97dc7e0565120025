import type { ApprovalView } from '../shared/approval-reader';
import type { HttpResponse } from '../shared/http';
import type { PlanDocument, PlanPage } from '../shared/plan-document';
import type { PlayDocument } from '../shared/play-document';
import type { ChangeLinks, PartName } from './change-links';
import type { WholeChange } from './change-view';
import { type Html, html } from './html';
import { page } from './page';
import { inPages } from './page-budget';
import { pager } from './pager';
import { rowView } from './plan-row-view';
import { counted, groupWords } from './plan-view';
import { hostLinks, hostParts, hostSummary, variableRows } from './play-view';
import { fileParts } from './script-view';

type Group = PlanDocument['groups'][number];

export interface ChangesContext {
  readonly approval: ApprovalView;
  readonly links: ChangeLinks;
  /** The page of the whole change. */
  readonly back: string;
  readonly headers: Readonly<Record<string, string>>;
}

const backLink = (back: string): Html =>
  html`<p><a href="${back}">‹ The whole change, and your decision</a></p>`;

/** One page of one group of a plan. */
export const groupPage = (
  { approval, links, back, headers }: ChangesContext,
  { group, total, content: kept }: Group,
  number: number,
  { rows }: PlanPage,
): HttpResponse => {
  const { title, danger } = groupWords[group];
  const pages = 'pages' in kept ? kept.pages.length : 1;
  const content = html`${rows.map((row) => rowView(row, true, number))}`;
  return page(
    200,
    `${title}, page ${number} of ${pages}: ${approval.workspace}`,
    html`${backLink(back)}<h1>${danger ? '⚠ ' : ''}${title}</h1><p class="lead">${counted(total, 'entry', 'entries')} of the change of <code>${approval.workspace}</code></p>${pager(number, pages, (to) => links.group(group, to), content)}${backLink(back)}`,
    headers,
  );
};

/** One page of something long, item by item; `undefined` when there is no such page. */
const listPage = (
  { approval, back, headers }: ChangesContext,
  about: { title: string; summary?: Html; items: readonly Html[]; wrap: (items: readonly Html[]) => Html },
  number: number,
  href: (page: number) => string,
): HttpResponse | undefined => {
  const pages = inPages(about.items);
  const items = pages[number - 1];
  if (!items) return undefined;
  return page(
    200,
    `${about.title}${pages.length === 1 ? '' : `, page ${number} of ${pages.length}`}: ${approval.workspace}`,
    html`${backLink(back)}<h1>${about.title}</h1>${about.summary ?? ''}${pager(number, pages.length, href, about.wrap(items))}${backLink(back)}`,
    headers,
  );
};

const rows = (items: readonly Html[]): Html => html`<ul class="rows">${items}</ul>`;
const asTheyAre = (items: readonly Html[]): Html => html`${items}`;

/** What a playbook does on one host. */
export const hostPage = (
  context: ChangesContext,
  host: PlayDocument['hosts'][number],
  number: number,
): HttpResponse | undefined =>
  listPage(
    context,
    {
      title: `Configuration of ${host.name}`,
      summary: hostSummary(host),
      items: hostParts(host),
      wrap: rows,
    },
    number,
    (to) => context.links.host(host.name, to),
  );

/** One page of a list of the change that is long. */
export const partPage = (
  context: ChangesContext,
  { play, script }: WholeChange,
  part: PartName,
  number: number,
): HttpResponse | undefined => {
  const about = {
    hosts: play && { title: 'Hosts', items: hostLinks(play, context.links), wrap: rows },
    variables: play && { title: 'Variables of the role', items: variableRows(play.variables), wrap: rows },
    parameters: script && { title: 'Parameters', items: variableRows(script.parameters), wrap: rows },
    script: script && { title: `Script ${script.script}`, items: fileParts(script), wrap: asTheyAre },
  }[part];
  return about ? listPage(context, about, number, (to) => context.links.part(part, to)) : undefined;
};
