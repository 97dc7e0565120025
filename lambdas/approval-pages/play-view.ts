import { plainLines, plainText } from '../shared/plain-text';
import type { PlayDocument } from '../shared/play-document';
import type { ChangeLinks } from './change-links';
import { type Html, html } from './html';
import type { PageBudget } from './page-budget';

type Host = PlayDocument['hosts'][number];
type Task = Host['tasks'][number];

const words: Readonly<Record<Task['status'], string>> = {
  ok: '= As it should be',
  changed: '~ Changes',
  skipped: '○ Skipped',
  failed: '✕ Failed',
  unreachable: '✕ Unreachable',
  planned: '▸ Planned',
};

const task = ({ name, action, status, detail }: Task): Html =>
  html`<li><span class="act ${status === 'failed' || status === 'unreachable' ? 'danger' : ''}">${words[status]}</span> ${plainText(name, 512)} <code class="k">${plainText(action, 128)}</code>${
    detail.trim() ? html`<pre>${plainLines(detail)}</pre>` : ''
  }</li>`;

const actingOf = ({ tasks }: Host): Task[] =>
  tasks.filter(({ status }) => status !== 'ok' && status !== 'skipped');

const quietLine = ({ tasks }: Host, acting: readonly Task[]): Html | '' => {
  const quiet = tasks.length - acting.length;
  return quiet === 0
    ? ''
    : html`<p class="hint">${quiet} more ${quiet === 1 ? 'task finds' : 'tasks find'} everything as it should be or ${quiet === 1 ? 'is' : 'are'} skipped.</p>`;
};

const hostTitle = (host: Host): Html =>
  html`<code>${plainText(host.name, 63)}</code> · ${host.isNew ? 'new host, ' : ''}${actingOf(host).length} of ${host.tasks.length} ${host.tasks.length === 1 ? 'task' : 'tasks'} ${host.isNew ? 'planned' : 'would change something'}`;

/** What the playbook does on one host. */
const hostView = (host: Host, open: boolean): Html => {
  const acting = actingOf(host);
  return html`<details${open ? html` open` : ''}><summary>${hostTitle(host)}</summary>${
    acting.length === 0 ? '' : html`<ul class="rows">${acting.map(task)}</ul>`
  }${quietLine(host, acting)}</details>`;
};

/** What a page about a host holds: each task that does something, then how many do nothing. */
export const hostParts = (host: Host): Html[] => actingOf(host).map(task);
export const hostSummary = (host: Host): Html =>
  html`<p>${hostTitle(host)}</p>${quietLine(host, actingOf(host))}`;

/** Each host as a link to what is done on it. */
export const hostLinks = ({ hosts }: PlayDocument, links: ChangeLinks): Html[] =>
  hosts.map((host) => html`<li><a href="${links.host(host.name)}">${hostTitle(host)}</a></li>`);

export const variableRows = (variables: PlayDocument['variables']): Html[] =>
  variables.map(
    ({ name, value }) =>
      html`<li><code class="k">${plainText(name, 128)}</code> ${plainText(value, 4096)}</li>`,
  );

const hostsView = (play: PlayDocument, links: ChangeLinks, budget: PageBudget): Html => {
  const { hosts } = play;
  const whole = html`${hosts.map((one) => hostView(one, hosts.length === 1 && one.tasks.length <= 12))}`;
  if (budget.take(whole)) return whole;
  const names = html`<ul class="rows">${hostLinks(play, links)}</ul>`;
  return budget.take(names)
    ? names
    : html`<p><a href="${links.part('hosts', 1)}">See all ${hosts.length} hosts</a>.</p>`;
};

const variablesView = ({ variables }: PlayDocument, links: ChangeLinks, budget: PageBudget): Html | '' => {
  if (variables.length === 0) return '';
  const title = `Variables of the role: ${variables.length}`;
  const whole = html`<details><summary>${title}</summary><ul class="rows">${variableRows(variables)}</ul></details>`;
  return budget.take(whole) ? whole : html`<p><a href="${links.part('variables', 1)}">${title}</a></p>`;
};

/** What the playbook will do, host by host; what there is no room for has pages of its own. */
export const playView = (play: PlayDocument, links: ChangeLinks, budget: PageBudget): Html =>
  html`<h2>Configuration with ${plainText(play.role, 63)}</h2>${hostsView(play, links, budget)}${variablesView(play, links, budget)}`;
