import type { Change } from '../shared/change';
import type { ContentOrigin } from '../shared/contract';
import { type Html, html } from './html';

const line = (what: string, name: string, from: string, to: string): Html =>
  html`<dt>Upgrade</dt><dd>${what} <code>${name}</code> <code>${from.slice(0, 12)}…</code> → <code>${to.slice(0, 12)}…</code></dd>`;

/** Where a module of a user's own comes from. */
export const sourceOf = (from: ContentOrigin['from']): string | undefined =>
  typeof from === 'string' ? undefined : `${from.git} at ${from.commit}, ${from.path || 'its root'}`;

/** That a change moves its workspace to other content than it was brought to before; also where its plan is small. */
export const upgradeView = ({ plan, playbook }: Pick<Change, 'plan' | 'playbook'>): Html =>
  html`${plan?.content.upgradedFrom ? line('module', plan.module, plan.content.upgradedFrom, plan.digests.module) : ''}${
    playbook?.content.upgradedFrom
      ? line('role', playbook.role, playbook.content.upgradedFrom, playbook.digests.role)
      : ''
  }`;
