import { raw } from 'hono/html';
import { type Html, html } from '../approval-pages/html';
import { style, styleSource } from '../approval-pages/style';
import type { ComplianceReport, ReportedResult } from '../shared/compliance-report';
import { utc } from '../shared/describe-change';
import { trendView } from './trend-view';

const gravity = { high: 0, medium: 1, low: 2 } as const;
const kinds = { host: 'Host', module: 'Module', plan: 'Plan' } as const;

const worstFirst = (results: readonly ReportedResult[]): ReportedResult[] =>
  [...results].sort((one, other) => gravity[one.severity] - gravity[other.severity]);

const ofStatus = (results: readonly ReportedResult[], status: ReportedResult['status']): ReportedResult[] =>
  worstFirst(results.filter((one) => one.status === status));

const referenceView = (reference: string | null): Html | string =>
  reference === null
    ? ''
    : reference.startsWith('https://')
      ? html`<li><span class="k">Follows</span> <a href="${reference}" rel="noreferrer">${reference}</a></li>`
      : html`<li><span class="k">Follows</span> ${reference}</li>`;

const waiverView = ({ waiver, status }: ReportedResult): Html | string =>
  waiver === null
    ? ''
    : html`<li><span class="k">${status === 'waived' ? 'Waived' : 'Its waiver has ended'}</span> ${waiver.owner}, until ${waiver.until}: ${waiver.reason}</li>`;

const tones = { high: 'danger', medium: 'warn', low: '' } as const;

const resultView = (one: ReportedResult, open: boolean): Html =>
  html`<details${open ? raw(' open') : ''}><summary><span class="state ${one.status === 'fail' ? tones[one.severity] : ''}">${one.severity}</span> ${one.title}<span class="k">${kinds[one.in]} ${one.what} · <code>${one.id}</code></span></summary><ul class="rows"><li><span class="k">Found</span> ${one.evidence}</li><li><span class="k">Why it matters</span> ${one.rationale}</li>${referenceView(one.reference)}${one.since === null ? '' : html`<li><span class="k">Fails since</span> ${utc(one.since)}</li>`}${waiverView(one)}</ul></details>`;

/** Results of one status; what needs nobody's attention stays closed. */
const sectionView = (
  title: string,
  results: readonly ReportedResult[],
  { open, what }: { open: boolean; what: string },
): Html | string =>
  results.length === 0
    ? ''
    : open
      ? html`<section><h2>${title} <span class="count">${results.length}</span></h2><p>${what}</p>${results.map((one) => resultView(one, true))}</section>`
      : html`<section><h2>${title} <span class="count">${results.length}</span></h2><details><summary>${what}</summary>${results.map((one) => resultView(one, false))}<p></p></details></section>`;

const verdictView = (failed: readonly ReportedResult[], checkedAt: string): Html => {
  const fresh = failed.filter(({ since }) => since === checkedAt).length;
  return failed.length === 0
    ? html`<div class="note good"><p><strong>Every rule that applies is kept or waived.</strong></p><p>Nothing is left to do.</p></div>`
    : html`<div class="note danger"><p><strong>${failed.length === 1 ? 'One rule is' : `${failed.length} rules are`} not kept.</strong> ${fresh === 0 ? 'All were known before.' : `${fresh} of them ${fresh === 1 ? 'is' : 'are'} new.`}</p><p>What to do about it stands at the end of this page.</p></div>`;
};

const tallyView = (results: readonly ReportedResult[], score: number | null): Html => {
  const number = (status: ReportedResult['status']): number => ofStatus(results, status).length;
  const failed = number('fail');
  return html`<ul class="tally"><li><strong>${score === null ? 'none' : `${score} %`}</strong>score</li><li${failed > 0 ? raw(' class="danger"') : ''}><strong>${failed}</strong>not kept</li><li><strong>${number('waived')}</strong>waived</li><li><strong>${number('pass')}</strong>kept</li><li><strong>${number('not-applicable')}</strong>not applicable</li></ul>`;
};

const remedyView = (workspace: string): Html => {
  const input = JSON.stringify({ workspace, asApplied: true, reason: 'Compliance' });
  return html`<section><h2>What to do</h2><p>Bring the workspace back to what was last applied; you see every change before it is approved:</p><pre>orchestrator start vm-provisioning --input - &lt;&lt;&lt; '${input}'</pre><p>If that changes nothing, the role or its variables have to: correct them and start <code>vm-provisioning</code> with them. A rule that cannot be kept for now is waived in <code>policies/compliance/waivers.json</code>, with an owner, a reason and an end.</p></section>`;
};

/** The report for people: one file that needs nothing else, and no script. */
export const reportPage = (report: ComplianceReport): string => {
  const { workspace, runId, checkedAt, score, results, remarks, trend } = report;
  const failed = ofStatus(results, 'fail');
  const title = `Compliance of ${workspace}`;
  const policy = `default-src 'none'; style-src ${styleSource}; base-uri 'none'; form-action 'none'`;
  const main = html`<h1>${title}</h1><p class="lead">Checked ${utc(checkedAt)} by run <code>${runId}</code>.</p>${verdictView(failed, checkedAt)}${tallyView(results, score)}<p class="hint">The score is the part of the rules that apply and are kept. A waiver does not raise it.</p>${trendView(trend)}${sectionView('Not kept', failed, { open: true, what: 'The gravest first.' })}${sectionView('Waived', ofStatus(results, 'waived'), { open: true, what: 'Somebody answers for these, until a day.' })}${sectionView('Kept', ofStatus(results, 'pass'), { open: false, what: 'Show what is kept, and how that was found' })}${sectionView('Not applicable', ofStatus(results, 'not-applicable'), { open: false, what: 'Show what does not apply here, and why' })}${remarks.length === 0 ? '' : html`<section><h2>Not looked at</h2><ul>${remarks.map((remark) => html`<li>${remark}</li>`)}</ul></section>`}${failed.length === 0 ? '' : remedyView(workspace)}`;
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><style>${raw(style)}</style></head><body><header>Process orchestrator</header><main>${main}</main><footer>This page is a record. It was true when it was made.</footer></body></html>`.toString();
};
