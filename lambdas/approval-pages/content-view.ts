import type { Change } from '../shared/change';
import type { ContentOrigin } from '../shared/contract';
import { type Html, html } from './html';

const line = (what: string, name: string, from: string, to: string): Html =>
  html`<dt>Upgrade</dt><dd>${what} <code>${name}</code> <code>${from.slice(0, 12)}…</code> → <code>${to.slice(0, 12)}…</code></dd>`;

const sourceLine = (name: string, from: ContentOrigin['from']): Html | string =>
  typeof from === 'string'
    ? ''
    : html`<dt>Source</dt><dd>module <code>${name}</code> of ${from.git}, commit <code>${from.commit}</code>, ${
        from.path === '' ? 'its root' : html`folder <code>${from.path}</code>`
      }</dd>`;

/**
 * What is not of the catalogue, and that a change moves its workspace to other content than it was brought to before;
 * also where its plan is small.
 */
export const contentView = ({ plan, playbook }: Pick<Change, 'plan' | 'playbook'>): Html =>
  html`${plan ? sourceLine(plan.module, plan.content.from) : ''}${plan?.content.upgradedFrom ? line('module', plan.module, plan.content.upgradedFrom, plan.digests.module) : ''}${
    playbook?.content.upgradedFrom
      ? line('role', playbook.role, playbook.content.upgradedFrom, playbook.digests.role)
      : ''
  }`;
