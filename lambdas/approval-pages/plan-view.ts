import { utc } from '../shared/describe-change';
import { plainText } from '../shared/plain-text';
import type { PlanDocument, PlanGroup } from '../shared/plan-document';
import type { ChangeLinks } from './change-links';
import { type Html, html } from './html';
import type { PageBudget } from './page-budget';
import { rowTitle, rowView } from './plan-row-view';

type Group = PlanDocument['groups'][number];
type Counts = PlanDocument['counts'];

/** What a group is called, and whether what it holds must be seen before anything else. */
export const groupWords: Readonly<Record<PlanGroup, { title: string; danger: boolean }>> = {
  replace: { title: 'Replaced: destroyed and made anew', danger: true },
  destroy: { title: 'Destroyed for good', danger: true },
  access: { title: 'Who may do what', danger: true },
  exposure: { title: 'Open to everybody', danger: true },
  network: { title: 'Networks that change', danger: false },
  data: { title: 'Stores of data that change', danger: false },
  update: { title: 'Changed in place', danger: false },
  create: { title: 'Created', danger: false },
  outputs: { title: 'Outputs', danger: false },
  since: { title: 'Different from the plan before', danger: false },
};

const tally: readonly (readonly [keyof Counts, string])[] = [
  ['replace', '± Replace'],
  ['delete', '− Destroy'],
  ['update', '~ Change'],
  ['create', '+ Create'],
];

/** Unfolded on arrival while there are so few rows that one can read them at once. */
const openUpTo = 3;

const number = new Intl.NumberFormat('en');
export const counted = (count: number, one: string, many: string): string =>
  `${number.format(count)} ${count === 1 ? one : many}`;

/** Rows of a group that are named where it is linked, if there is room for their names. */
const mostNamed = 8;

const listed = ({ group, rows, moreRows, content }: Group, links: ChangeLinks, budget: PageBudget): Html => {
  const pages = 'pages' in content ? content.pages.length : 1;
  const names = html`<ul class="rows">${rows
    .slice(0, mostNamed)
    .map((row) => html`<li><a href="${links.group(group, row.beginsOn)}">${rowTitle(row)}</a></li>`)}</ul>`;
  const named = budget.take(names) ? Math.min(rows.length, mostNamed) : 0;
  const unnamed = moreRows + rows.length - named;
  return html`${named > 0 ? names : ''}<p><a href="${links.group(group, 1)}">See all, on ${counted(pages, 'page', 'pages')}</a>${
    unnamed === 0 ? '' : `, with ${counted(unnamed, 'more kind', 'more kinds')} than are listed here`
  }.</p>`;
};

const inlined = ({ group, rows, content }: Group): Html | undefined => {
  if (!('page' in content)) return undefined;
  const isOpen = groupWords[group].danger || rows.length <= openUpTo;
  return html`${content.page.rows.map((row) => rowView(row, isOpen))}`;
};

const groupView = (one: Group, links: ChangeLinks, budget: PageBudget): Html => {
  const { title, danger } = groupWords[one.group];
  const rows = inlined(one);
  return html`<h3 class="${danger ? 'danger' : ''}">${danger ? '⚠ ' : ''}${title} <span class="count">${number.format(one.total)}</span></h3>${
    rows && budget.take(rows) ? rows : listed(one, links, budget)
  }`;
};

const sinceView = ({
  runId,
  plannedAt,
  planned,
  unplanned,
  differs,
  attributes,
}: NonNullable<PlanDocument['since']>): Html => {
  const parts = [
    planned === 0 ? '' : `${counted(planned, 'resource', 'resources')} more`,
    unplanned === 0 ? '' : `${counted(unplanned, 'resource', 'resources')} fewer`,
    attributes === 0
      ? ''
      : `${counted(attributes, 'attribute differs', 'attributes differ')} in ${counted(differs, 'resource', 'resources')}`,
  ].filter(Boolean);
  const plan = html`the plan of <time datetime="${plannedAt}">${utc(plannedAt)}</time> (run <code>${plainText(runId, 128)}</code>), which was not carried out`;
  return parts.length === 0
    ? html`<p class="note">The same as ${plan}.</p>`
    : html`<p class="note">Since ${plan}: <strong>${parts.join(', ')}</strong>.</p>`;
};

/** A plan, group by group, the most dangerous first; what there is no room for is listed and linked. */
export const planView = (plan: PlanDocument, links: ChangeLinks, budget: PageBudget): Html =>
  html`<h2>Infrastructure</h2><ul class="tally">${tally.map(([name, words]) => {
    const count = plan.counts[name];
    const danger = (name === 'replace' || name === 'delete') && count > 0;
    return html`<li class="${danger ? 'danger' : ''}"><strong>${number.format(count)}</strong>${words}</li>`;
  })}</ul>${plan.since ? sinceView(plan.since) : ''}${plan.groups.map((one) => groupView(one, links, budget))}`;
