import { type Html, html } from './html';

/** The way to the other pages, above and below this one; nothing where it is the only one. */
export const pager = (number: number, pages: number, href: (page: number) => string, content: Html): Html => {
  if (pages === 1) return content;
  const link = (to: number, words: string): Html =>
    to < 1 || to > pages || to === number
      ? html`<span class="hint">${words}</span>`
      : html`<a href="${href(to)}">${words}</a>`;
  const around = (label: string): Html =>
    html`<nav class="pager" aria-label="${label}">${link(1, 'First')}${link(number - 1, '‹ Before')}<span>Page ${number} of ${pages}</span>${link(number + 1, 'Next ›')}${link(pages, 'Last')}</nav>`;
  return html`${around('Pages')}${content}${around('Pages, below')}`;
};
