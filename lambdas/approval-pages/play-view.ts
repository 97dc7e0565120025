import { plainLines, plainText } from '../shared/plain-text';
import type { PlayDocument } from '../shared/play-document';
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

const host = ({ name, isNew, tasks }: Host, open: boolean): Html => {
  const acting = tasks.filter(({ status }) => status !== 'ok' && status !== 'skipped');
  const quiet = tasks.length - acting.length;
  return html`<details${open ? html` open` : ''}><summary><code>${plainText(name, 63)}</code> · ${
    isNew ? 'new host, ' : ''
  }${acting.length} of ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} ${isNew ? 'planned' : 'would change something'}</summary>${
    acting.length === 0 ? '' : html`<ul class="rows">${acting.map(task)}</ul>`
  }${quiet === 0 ? '' : html`<p class="hint">${quiet} more ${quiet === 1 ? 'task finds' : 'tasks find'} everything as it should be or ${quiet === 1 ? 'is' : 'are'} skipped.</p>`}</details>`;
};

/** What the playbook will do, host by host. */
export const playView = (play: PlayDocument): Html =>
  html`<h2>Configuration with ${plainText(play.role, 63)}</h2>${play.hosts.map((one) =>
    host(one, play.hosts.length === 1 && one.tasks.length <= 12),
  )}${
    play.variables.length === 0
      ? ''
      : html`<details><summary>Variables of the role: ${play.variables.length}</summary><ul class="rows">${play.variables.map(
          ({ name, value }) =>
            html`<li><code class="k">${plainText(name, 128)}</code> ${plainText(value, 4096)}</li>`,
        )}</ul></details>`
  }`;
