import { plainLines, plainText } from '../shared/plain-text';
import type { ScriptDocument } from '../shared/script-document';
import { type Html, html } from './html';

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

/** The script that will be run: its source, what it is given, and how far it can reach. */
export const scriptView = (script: ScriptDocument): Html => {
  const { interpreter, limits, parameters, files } = script;
  return html`<h2>Script ${plainText(script.script, 63)}</h2><p>${plainText(script.description, 500)}</p><ul class="rows"><li>${interpreter.name} (${plainText(interpreter.version, 128)})</li><li>Ended after ${limits.seconds} s; at most ${limits.memoryMib} MiB of memory.</li>${reach(script).map((line) => html`<li class="warn">${line}</li>`)}</ul>${
    parameters.length === 0
      ? html`<p>It is given no parameters.</p>`
      : html`<h3>Parameters</h3><ul class="rows">${parameters.map(
          ({ name, value }) =>
            html`<li><code class="k">${plainText(name, 128)}</code> ${plainText(value, 4096)}</li>`,
        )}</ul>`
  }${files.map(({ path, text }) =>
    text === null
      ? html`<p><code>${plainText(path, 256)}</code>: no text; its bytes are bound by the digest below.</p>`
      : html`<details${path.startsWith('main.') ? html` open` : ''}><summary><code>${plainText(path, 256)}</code></summary><pre>${plainLines(text)}</pre></details>`,
  )}`;
};
