import { plainText } from '../shared/plain-text';
import type { AttributeChange, PlanDocument, ResourceChange } from '../shared/plan-document';
import { type Html, html } from './html';

type Action = ResourceChange['action'];

/** Most dangerous first, each with a sign and a word, so that nothing depends on its colour. */
const actions: Readonly<Record<Action, { sign: string; word: string; danger: boolean }>> = {
  replace: { sign: '±', word: 'Replace', danger: true },
  delete: { sign: '−', word: 'Destroy', danger: true },
  update: { sign: '~', word: 'Change', danger: false },
  create: { sign: '+', word: 'Create', danger: false },
};
const order: readonly Action[] = ['replace', 'delete', 'update', 'create'];

/** Above this many resources, those of one action and type are folded together. */
const groupAbove = 25;
/** Unfolded on arrival while there are so few that one can read them at once. */
const openUpTo = 5;

/** What a cell of the page holds of a value at most; the document cuts values before that. */
const show = (text: string): string => plainText(text, 4096);

const value = (change: AttributeChange): Html => {
  const { before, after } = change;
  if (change.sensitive) {
    const how = before === null ? 'set' : after === null ? 'removed' : 'may change';
    return html`(sensitive, ${how})`;
  }
  if (before === after) return html`${show(before ?? 'none')}`;
  if (before === null) return html`<ins>${show(after ?? 'none')}</ins>`;
  return html`<del>${show(before)}</del> → <ins>${after === null ? '(removed)' : show(after)}</ins>`;
};

const row = (change: AttributeChange): Html =>
  html`<li><code class="k">${show(change.path)}</code> ${value(change)}${
    change.forcesReplacement ? html` <strong class="danger">forces the replacement</strong>` : ''
  }</li>`;

const rows = (changes: readonly AttributeChange[]): Html =>
  changes.length === 0 ? html`<p>No attributes shown.</p>` : html`<ul class="rows">${changes.map(row)}</ul>`;

const label = (action: Action): Html => {
  const { sign, word, danger } = actions[action];
  return html`<span class="act ${danger ? 'danger' : ''}">${sign} ${word}</span>`;
};

const resource = ({ address, action, attributes }: ResourceChange, open: boolean): Html =>
  html`<details${open ? html` open` : ''}><summary>${label(action)} <code>${show(address)}</code></summary>${rows(attributes)}</details>`;

const identity = (change: AttributeChange): string => JSON.stringify(change);

/** Complete and compact: what all have in common once, then each resource with what is its own. */
const group = (action: Action, type: string, members: readonly ResourceChange[]): Html => {
  const counts = new Map<string, number>();
  for (const member of members)
    for (const key of new Set(member.attributes.map(identity))) counts.set(key, (counts.get(key) ?? 0) + 1);
  const isShared = (change: AttributeChange): boolean => counts.get(identity(change)) === members.length;
  const shared = members[0]?.attributes.filter(isShared) ?? [];
  return html`<details><summary>${label(action)} ${members.length} × <code>${show(type)}</code></summary>${
    shared.length === 0 ? '' : html`<h3>The same for all ${members.length}</h3>${rows(shared)}`
  }<h3>Each</h3><ul class="rows">${members.map((member) => {
    const own = member.attributes.filter((change) => !isShared(change));
    return html`<li><code>${show(member.address)}</code>${own.map(
      (change) =>
        html`<br>${show(change.path)}: ${value(change)}${change.forcesReplacement ? html` <strong class="danger">forces the replacement</strong>` : ''}`,
    )}</li>`;
  })}</ul></details>`;
};

const byTypeOf = (resources: readonly ResourceChange[]): Map<string, ResourceChange[]> => {
  const groups = new Map<string, ResourceChange[]>();
  for (const one of resources) {
    const members = groups.get(one.type);
    if (members) members.push(one);
    else groups.set(one.type, [one]);
  }
  return groups;
};

const grouped = (action: Action, resources: readonly ResourceChange[]): Html => {
  const byType = byTypeOf(resources);
  return html`${[...byType].map(([type, members]) =>
    members.length === 1
      ? members.map((member) => resource(member, actions[action].danger))
      : group(action, type, members),
  )}`;
};

/** Every resource and output of a plan. */
export const planView = (plan: PlanDocument): Html => {
  const large = plan.resources.length > groupAbove;
  const tally = order.map((action) => {
    const danger = actions[action].danger && plan.counts[action] > 0;
    return html`<li class="${danger ? 'danger' : ''}"><strong>${plan.counts[action]}</strong>${actions[action].sign} ${actions[action].word}</li>`;
  });
  return html`<h2>Infrastructure</h2><ul class="tally">${tally}</ul>${order.map((action) => {
    const resources = plan.resources.filter((one) => one.action === action);
    if (large) return grouped(action, resources);
    return resources.map((one) => resource(one, actions[action].danger || plan.resources.length <= openUpTo));
  })}${
    plan.outputs.length === 0
      ? ''
      : html`<details><summary>Outputs that change: ${plan.outputs.length}</summary>${rows(plan.outputs)}</details>`
  }`;
};
