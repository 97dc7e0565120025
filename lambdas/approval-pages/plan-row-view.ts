import { plainText } from '../shared/plain-text';
import type { AttributeChange, PlanAction, PlanRow } from '../shared/plan-document';
import { type Html, html } from './html';

const actions: Readonly<Record<PlanAction, { sign: string; word: string; danger: boolean }>> = {
  replace: { sign: '±', word: 'Replace', danger: true },
  delete: { sign: '−', word: 'Destroy', danger: true },
  update: { sign: '~', word: 'Change', danger: false },
  create: { sign: '+', word: 'Create', danger: false },
  planned: { sign: '+', word: 'Not in the plan before', danger: false },
  unplanned: { sign: '−', word: 'Only in the plan before', danger: false },
  differs: { sign: '≠', word: 'Planned otherwise', danger: false },
};

const number = new Intl.NumberFormat('en');

/** The document cuts nothing; this only keeps a value in its place. */
const show = (text: string): string => plainText(text, 4096);

const line = (text: string): Html => {
  const shown = show(text.slice(1));
  if (text.startsWith('-')) return html`<del>- ${shown}</del>`;
  if (text.startsWith('+')) return html`<ins>+ ${shown}</ins>`;
  return text.startsWith(' ') ? html`<span>  ${shown}</span>` : html`<span class="k">${show(text)}</span>`;
};

const value = ({ before, after, sensitive, lines }: AttributeChange): Html => {
  if (lines) return html`<pre class="diff">${lines.map(line)}</pre>`;
  if (sensitive)
    return html`(sensitive, ${before === null ? 'set' : after === null ? 'removed' : 'may change'})`;
  if (before === null) return html`<ins>${show(after ?? 'none')}</ins>`;
  return html`<del>${show(before)}</del> → ${after === null ? '(removed)' : html`<ins>${show(after)}</ins>`}`;
};

const attribute = (change: AttributeChange): Html =>
  html`<li><code class="k">${show(change.path)}</code> ${value(change)}${
    change.forcesReplacement ? html` <strong class="danger">forces the replacement</strong>` : ''
  }</li>`;

const attributes = (changes: readonly AttributeChange[]): Html =>
  changes.length === 0 ? html`` : html`<ul class="rows">${changes.map(attribute)}</ul>`;

/** What a row is, in a line: `4,990 × + Create terraform_data`. */
export const rowTitle = ({ action, type, total }: Pick<PlanRow, 'action' | 'type' | 'total'>): Html => {
  const { sign, word, danger } = actions[action];
  return html`<span class="act ${danger ? 'danger' : ''}">${sign} ${word}</span> ${number.format(total)} × <code>${plainText(type, 200)}</code>`;
};

const single = ({ action, members }: PlanRow, isOpen: boolean): Html => {
  const { sign, word, danger } = actions[action];
  return html`${members.map(({ address, attributes: changes }) => {
    const title = html`<span class="act ${danger ? 'danger' : ''}">${sign} ${word}</span> <code>${show(address)}</code>`;
    return changes.length === 0
      ? html`<p class="bare">${title}</p>`
      : html`<details${isOpen ? html` open` : ''}><summary>${title}</summary>${attributes(changes)}</details>`;
  })}`;
};

/**
 * A row of the plan.
 *
 * @param page the page on which it stands; when it began on another one, that is said
 */
export const rowView = (row: PlanRow, isOpen: boolean, page = row.beginsOn): Html => {
  if (row.total === 1) return single(row, isOpen);
  const isContinued = page !== row.beginsOn;
  return html`<details${isOpen ? html` open` : ''}><summary>${rowTitle(row)}${
    isContinued ? `, continued from page ${page - 1}` : ''
  }</summary>${
    isContinued
      ? html`<p class="hint">What is the same for all ${number.format(row.total)} stands on page ${row.beginsOn}.</p>`
      : ''
  }${
    row.shared.length === 0
      ? ''
      : html`<p><strong>The same for all ${number.format(row.total)}</strong></p>${attributes(row.shared)}`
  }${
    row.members.length === 0
      ? ''
      : html`<p><strong>Each</strong></p><ul class="rows each">${row.members.map(
          (member) => html`<li><code>${show(member.address)}</code>${attributes(member.attributes)}</li>`,
        )}</ul>`
  }</details>`;
};
