import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { plainText } from '../../lambdas/shared/plain-text';
import type { Mail } from './mail';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2126; --paper: #fff; --soft: #5a636c; --line: #d5dadf; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14181c; --soft: #a3adb7; --line: #38414a; --link: #84b9f2; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 2px; }
ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .8rem 0; overflow-wrap: anywhere; }
li a { font-weight: 600; display: inline-block; min-height: 1.5rem; }
.soft { color: var(--soft); margin: .1rem 0; }
article { white-space: pre-wrap; overflow-wrap: anywhere; border-top: 1px solid var(--line); padding-top: 1rem; }
`;

/** Allows the style above and nothing else: no script, no image, no frame, no form. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type Markup = ReturnType<typeof html>;

const page = (title: string, body: Markup, refreshSeconds?: number): string =>
  String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`);

const time = (at: string): Markup =>
  html`<time datetime="${at}">${at.replace('T', ' ').slice(0, 19)} UTC</time>`;

/** Every mail, the newest first. It looks again by itself, without a script. */
export const listPage = (mails: readonly Mail[]): string =>
  page(
    `Inbox (${mails.length})`,
    html`<main>
<h1>Inbox</h1>
<p class="soft">What the platform mails to people, on this machine only.</p>
${
  mails.length === 0
    ? html`<p>Nothing has arrived yet.</p>`
    : html`<ul>${mails.toReversed().map(
        (mail) => html`
<li><a href="/messages/${mail.id}">${plainText(mail.subject, 200)}</a>
<p class="soft">${time(mail.at)} · to ${plainText(mail.topic, 100)}</p></li>`,
      )}
</ul>`
}
</main>`,
    5,
  );

/** One mail as it was sent, its links to be followed. */
export const mailPage = (mail: Mail): string =>
  page(
    plainText(mail.subject, 200),
    html`<nav><a href="/">Inbox</a></nav>
<main>
<h1>${plainText(mail.subject, 200)}</h1>
<p class="soft">${time(mail.at)} · to ${plainText(mail.topic, 100)}</p>
<article>${linked(mail)}</article>
</main>`,
  );

/** Says that there is no such mail. */
export const missingPage = (): string =>
  page('Not found', html`<nav><a href="/">Inbox</a></nav><main><h1>There is no such message.</h1></main>`);

const linked = ({ body, links }: Mail): Markup[] => {
  const parts: Markup[] = [];
  let rest = body;
  while (rest !== '') {
    const found = links
      .map((link) => ({ link, at: rest.indexOf(link) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at || b.link.length - a.link.length)[0];
    parts.push(html`${printable(found ? rest.slice(0, found.at) : rest)}`);
    if (!found) break;
    parts.push(html`<a href="${found.link}" rel="noreferrer noopener">${printable(found.link)}</a>`);
    rest = rest.slice(found.at + found.link.length);
  }
  return parts;
};

/** Text that draws nothing but itself; a mail keeps its lines. */
const printable = (text: string): string =>
  text
    .split('\n')
    .map((line) => plainText(line.replace(/\r$/, ''), 10_000))
    .join('\n');
