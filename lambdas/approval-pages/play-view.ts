import { plainLines, plainText } from '../shared/plain-text';
import type { PlayDocument } from '../shared/play-document';
import type { ChangeLinks } from './change-links';
import { type Html, html } from './html';

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

/** Characters of task details up to which all hosts stand on the page of the change. */
const inlineBudget = 40_000;
const sizeOf = (host: Host): number =>
  actingOf(host).reduce((size, { name, detail }) => size + name.length + detail.length + 100, 100);

/** What the playbook does on one host. */
export const hostView = (host: Host, open: boolean): Html => {
  const { name, isNew, tasks } = host;
  const acting = actingOf(host);
  const quiet = tasks.length - acting.length;
  return html`<details${open ? html` open` : ''}><summary><code>${plainText(name, 63)}</code> · ${
    isNew ? 'new host, ' : ''
  }${acting.length} of ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} ${isNew ? 'planned' : 'would change something'}</summary>${
    acting.length === 0 ? '' : html`<ul class="rows">${acting.map(task)}</ul>`
  }${quiet === 0 ? '' : html`<p class="hint">${quiet} more ${quiet === 1 ? 'task finds' : 'tasks find'} everything as it should be or ${quiet === 1 ? 'is' : 'are'} skipped.</p>`}</details>`;
};

/** What the playbook will do, host by host; where that is much, each host has a page of its own. */
export const playView = (play: PlayDocument, links: ChangeLinks): Html => {
  const isLarge = play.hosts.reduce((size, host) => size + sizeOf(host), 0) > inlineBudget;
  return html`<h2>Configuration with ${plainText(play.role, 63)}</h2>${
    isLarge
      ? html`<ul class="rows">${play.hosts.map(
          (host) =>
            html`<li><a href="${links.host(host.name)}"><code>${plainText(host.name, 63)}</code></a> · ${
              host.isNew ? 'new host, ' : ''
            }${actingOf(host).length} of ${host.tasks.length} ${host.isNew ? 'planned' : 'would change something'}</li>`,
        )}</ul>`
      : play.hosts.map((one) => hostView(one, play.hosts.length === 1 && one.tasks.length <= 12))
  }${
    play.variables.length === 0
      ? ''
      : html`<details><summary>Variables of the role: ${play.variables.length}</summary><ul class="rows">${play.variables.map(
          ({ name, value }) =>
            html`<li><code class="k">${plainText(name, 128)}</code> ${plainText(value, 4096)}</li>`,
        )}</ul></details>`
  }`;
};
