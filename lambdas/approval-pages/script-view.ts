import { plainLines, plainText } from '../shared/plain-text';
import type { ScriptDocument } from '../shared/script-document';
import type { ChangeLinks } from './change-links';
import { type Html, html } from './html';
import type { PageBudget } from './page-budget';
import { variableRows } from './play-view';

/** What the worker cannot take away from a script, in words; empty when it can take everything away. */
const reach = ({ isolation, needsNetwork }: ScriptDocument): readonly string[] => [
  ...(isolation.user ? [] : ['It runs as the same user as its worker.']),
  ...(isolation.processes ? [] : ['It sees the other processes of its worker.']),
  ...(needsNetwork
    ? ['It asks for the network.']
    : isolation.network
      ? []
      : ['It asks for no network, but this worker cannot take it away.']),
];

/** Characters of a file that are shown together; a longer one goes on. */
const pieceOf = 8000;

const pieces = (text: string): string[] => {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const line = text.lastIndexOf('\n', at + pieceOf);
    const end = at + pieceOf >= text.length ? text.length : line > at ? line + 1 : at + pieceOf;
    found.push(text.slice(at, end));
    at = end;
  }
  return found.length === 0 ? [''] : found;
};

/** The files of a script, long ones in pieces. */
export const fileParts = ({ files }: ScriptDocument): Html[] =>
  files.flatMap(({ path, text }) =>
    text === null
      ? [html`<p><code>${plainText(path, 256)}</code>: no text; its bytes are bound by the digest below.</p>`]
      : pieces(text).map(
          (piece, index) =>
            html`<details${path.startsWith('main.') ? html` open` : ''}><summary><code>${plainText(path, 256)}</code>${index === 0 ? '' : ', continued'}</summary><pre>${plainLines(piece)}</pre></details>`,
        ),
  );

/** The script that will be run: its source, what it is given, and how far it can reach. */
export const scriptView = (script: ScriptDocument, links: ChangeLinks, budget: PageBudget): Html => {
  const { interpreter, limits, parameters, files } = script;
  const rows = html`<ul class="rows">${variableRows(parameters)}</ul>`;
  const source = html`${fileParts(script)}`;
  return html`<h2>Script ${plainText(script.script, 63)}</h2><p>${plainText(script.description, 500)}</p><ul class="rows"><li>${interpreter.name} (${plainText(interpreter.version, 128)})</li><li>Ended after ${limits.seconds} s; at most ${limits.memoryMib} MiB of memory.</li>${reach(script).map((line) => html`<li class="warn">${line}</li>`)}</ul>${
    parameters.length === 0
      ? html`<p>It is given no parameters.</p>`
      : html`<h3>Parameters</h3>${
          budget.take(rows)
            ? rows
            : html`<p><a href="${links.part('parameters', 1)}">See all ${parameters.length}</a></p>`
        }`
  }${
    budget.take(source)
      ? source
      : html`<p><a href="${links.part('script', 1)}">See its source: ${files.length} ${files.length === 1 ? 'file' : 'files'}</a></p>`
  }`;
};
