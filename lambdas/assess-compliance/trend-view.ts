import { type Html, html } from '../approval-pages/html';
import type { ComplianceCheck } from '../shared/compliance-report';
import { utc } from '../shared/describe-change';

const width = 640;
const height = 120;
const margin = 8;
/** So many of the last checks stand in the table; all are in the line. */
const listed = 10;

const percent = (score: number): string => `${score} %`;

/** The scores as a line, and the last of them as a table for whoever does not see it. */
export const trendView = (checks: readonly ComplianceCheck[]): Html | string => {
  const scored = checks.flatMap(({ at, score, runId, failed }) =>
    score === null ? [] : [{ at, score, runId, failed }],
  );
  const [first, last] = [scored[0], scored.at(-1)];
  if (!first || !last || scored.length < 2) return '';
  const step = (width - 2 * margin) / (scored.length - 1);
  const points = scored.map(({ score }, index) => ({
    x: Math.round((margin + index * step) * 10) / 10,
    y: Math.round((margin + ((100 - score) * (height - 2 * margin)) / 100) * 10) / 10,
  }));
  const said = `The score went from ${percent(first.score)} to ${percent(last.score)} over ${scored.length} checks.`;
  const bound = (y: number) =>
    html`<line x1="${margin}" y1="${y}" x2="${width - margin}" y2="${y}" stroke="currentColor" stroke-opacity="0.25" stroke-dasharray="2 4"/>`;
  return html`<section><h2>Trend</h2><p>${said} The dotted lines are 0 % and 100 %.</p><div class="note"><svg role="img" aria-label="${said}" viewBox="0 0 ${width} ${height}" width="100%" xmlns="http://www.w3.org/2000/svg"><title>${said}</title>${bound(margin)}${bound(height - margin)}<polyline fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" points="${points.map(({ x, y }) => `${x},${y}`).join(' ')}"/>${points.map(({ x, y }) => html`<circle cx="${x}" cy="${y}" r="3" fill="currentColor"/>`)}</svg></div><details><summary>The last checks as a list</summary><ul class="rows">${scored
    .slice(-listed)
    .reverse()
    .map(
      ({ at, score, failed, runId }) =>
        html`<li>${utc(at)}: ${percent(score)}, ${failed} not kept<span class="k">run <code>${runId}</code></span></li>`,
    )}</ul></details></section>`;
};
