import type { Visitor } from '../identity/visitor';
import { type Group, groups, type Standing } from '../rotation/life-cycle';
import type { HttpResponse } from '../shared/http';
import { credentialView, type RunUrl } from './credential-view';
import { type Html, html } from './html';
import { ownNav } from './own-nav';
import { page } from './page';
import { inPages } from './page-budget';
import { pager } from './pager';

const words: Readonly<Record<Group, { title: string; tally: string }>> = {
  'needs-somebody': { title: 'Needs somebody', tally: 'need somebody' },
  'in-flight': { title: 'Being rotated', tally: 'being rotated' },
  due: { title: 'Due: the next run takes them up', tally: 'due now' },
  soon: { title: 'Due within a week', tally: 'due within a week' },
  fine: { title: 'Fine', tally: 'fine' },
};

const tally = (credentials: readonly Standing[]): Html =>
  html`<ul class="tally">${groups.map((name) => {
    const count = credentials.filter(({ group }) => group === name).length;
    const needed = name === 'needs-somebody' && count > 0;
    return html`<li class="${needed ? 'danger' : ''}"><strong>${count}</strong>${needed ? '⚠ ' : ''}${words[name].tally}</li>`;
  })}</ul>`;

const none = html`<div class="note"><p><strong>No credential is known yet.</strong></p><p>A credential is a secret with the tags <code>rotation-strategy</code>, <code>rotation-days</code> and <code>owner</code>. Give a secret these tags, or make a database with <code>database-provisioning</code>, which does so itself.</p><p>It stands here once <code>secret-rotation</code> has run: by its schedule, or now with <code>orchestrator start secret-rotation</code>.</p></div>`;

export interface CredentialsContext {
  readonly visitor: Pick<Visitor, 'person' | 'query' | 'headers'>;
  readonly now: Date;
  readonly runUrl: RunUrl;
}

/** One page of all credentials, what needs somebody first; `undefined` when there is no such page. */
export const credentialsPage = (
  credentials: readonly Standing[],
  number: number,
  { visitor, now, runUrl }: CredentialsContext,
): HttpResponse | undefined => {
  const views = credentials.map((one) => ({ group: one.group, view: credentialView(one, now, runUrl) }));
  const pages = inPages(views.map(({ view }) => view));
  const shown = pages[number - 1];
  if (!shown) return undefined;
  const content = html`${groups.map((group) => {
    const own = views.filter((one) => one.group === group && shown.includes(one.view));
    return own.length === 0
      ? ''
      : html`<h2 id="${group}">${words[group].title}</h2>${own.map(({ view }) => view)}`;
  })}`;
  const href = (to: number): string => (to === 1 ? 'credentials' : `credentials?page=${to}`);
  return page(
    200,
    `Credentials${pages.length === 1 ? '' : `, page ${number} of ${pages.length}`}`,
    html`${ownNav(visitor, { root: '', isList: false })}<h1>Credentials</h1>${
      credentials.length === 0
        ? none
        : html`${tally(credentials)}${pager(number, pages.length, href, content)}`
    }`,
    visitor.headers,
  );
};
