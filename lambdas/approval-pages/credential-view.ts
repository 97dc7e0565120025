import type { Outcome, Rotation } from '../rotation/journal';
import type { Standing } from '../rotation/life-cycle';
import { needWords } from '../rotation/need-words';
import { timeLeft, utc } from '../shared/describe-change';
import { mailLine } from '../shared/publish-mail';
import { type Html, html } from './html';

/** Where the console shows a run; `null` where there is no console. */
export type RunUrl = ((runId: string) => string) | null;

const mostOfName = 256;
const mostOfError = 500;
const mostConsumers = 12;

const when = (at: string): Html => html`<time datetime="${at}">${utc(at)}</time>`;

/** A span for people, e.g. `3 days`; rounded down. */
const span = (ms: number): string => {
  const counted = (value: number, unit: string): string => `${value} ${unit}${value === 1 ? '' : 's'}`;
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 120) return counted(minutes, 'minute');
  if (minutes < 48 * 60) return counted(Math.floor(minutes / 60), 'hour');
  return counted(Math.floor(minutes / 1440), 'day');
};
const since = (at: string, now: Date): string => span(now.getTime() - Date.parse(at));

const stepWords: Readonly<Record<Rotation['step'], string>> = {
  create: 'Step 1 of 7, create: the next value is made and kept.',
  set: 'Step 2 of 7, set: the target is told to accept the next value.',
  test: 'Step 3 of 7, test: it signs in with the next value and compares rights.',
  promote: 'Step 4 of 7, promote: the next value becomes current.',
  confirm: 'Step 5 of 7, confirm: it signs in with what is current now.',
  drain: 'Step 6 of 7, drain: it waits until nobody uses the one before.',
  retire: 'Step 7 of 7, retire: the one before is ended.',
  abandon: 'It is abandoned: what was prepared is taken back.',
  'roll-back': 'It is rolled back: the one before becomes current again.',
};

const resultWords: Readonly<Record<Outcome, string>> = {
  completed: '✓ Rotated',
  draining: '◷ Rotated, and the one before is still used',
  abandoned: '✕ Failed; what was current still is',
  'rolled-back': '↩ Rolled back to the one before',
  failed: '✕ Failed',
  gone: 'There is no such secret any more',
};

const dates = ({ record: { nextDueAt, days }, currentSince }: Standing, now: Date): Html => {
  if (nextDueAt === undefined || days === undefined) return html`Nobody can tell when it is due.`;
  const period = days === 1 ? 'every day' : `every ${days} days`;
  const age = currentSince === null ? '' : ` The current one is ${since(currentSince, now)} old.`;
  return nextDueAt > now.toISOString()
    ? html`Next rotation <strong>${timeLeft(nextDueAt, now)}</strong> (${when(nextDueAt)}), ${period}.${age}`
    : html`<strong>Due for ${since(nextDueAt, now)}</strong> (since ${when(nextDueAt)}), ${period}.${age}`;
};

const flight = ({ step, begunAt, attempt, drainUntil }: Rotation, now: Date): Html =>
  html`<p>▸ ${stepWords[step]} Begun ${since(begunAt, now)} ago${attempt > 1 ? `, try ${attempt}` : ''}.${
    step === 'drain' && drainUntil !== undefined && drainUntil > now.toISOString()
      ? html` At least until ${when(drainUntil)}.`
      : ''
  }</p>`;

const run = (runId: string, runUrl: RunUrl): Html =>
  runUrl === null
    ? html`run <code>${mailLine(runId, 80)}</code>`
    : html`<a href="${runUrl(runId)}">run ${mailLine(runId, 80)}</a>`;

const consumersIn = (consumers: readonly string[]): string => {
  const rest = consumers.length - mostConsumers;
  const named = consumers.slice(0, mostConsumers).map((name) => mailLine(name, 64));
  return named.length === 0 ? 'none is named' : `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
};

const records = ({ record }: Standing, runUrl: RunUrl): Html => {
  const { rotation, lastResult, overlapSeconds } = record;
  return html`<dl>${
    rotation
      ? html`<dt>In flight</dt><dd>${run(rotation.runId, runUrl)}, begun ${when(rotation.begunAt)}</dd>`
      : ''
  }<dt>Last result</dt><dd>${
    lastResult
      ? html`${resultWords[lastResult.outcome]}, ${when(lastResult.at)}, ${run(lastResult.runId, runUrl)}`
      : 'It was never rotated.'
  }</dd>${
    overlapSeconds === undefined
      ? ''
      : html`<dt>Overlap</dt><dd>the one before stays valid for ${span(overlapSeconds * 1000)} at least</dd>`
  }<dt>Ledger</dt><dd>its entries <code>credential.…</code>: <code>orchestrator-ledger export</code></dd></dl>`;
};

const strategyOf = ({ record: { strategy, owner, consumers } }: Standing): Html =>
  html`<span class="hint">${strategy === undefined ? 'Its strategy is unknown' : `Strategy ${mailLine(strategy, 64)}`}${
    owner === undefined ? '' : `, owned by ${mailLine(owner, 128)}`
  }. Used by: ${consumersIn(consumers)}.</span>`;

/** One that needs nobody, folded up. */
const quiet = (standing: Standing, now: Date, runUrl: RunUrl): Html => {
  const { id, nextDueAt } = standing.record;
  return html`<details><summary>${mailLine(id, mostOfName)}${
    nextDueAt === undefined ? '' : html` <span class="hint">${timeLeft(nextDueAt, now)}</span>`
  }</summary><p>${dates(standing, now)}</p><p>${strategyOf(standing)}</p>${records(standing, runUrl)}</details>`;
};

/** One that something is to be said of. */
const telling = (standing: Standing, now: Date, runUrl: RunUrl): Html => {
  const { id, rotation, lastResult } = standing.record;
  const [gravest] = standing.needs;
  const because = rotation?.because ?? lastResult;
  return html`<div class="note${gravest === undefined ? '' : ' danger'}"><h3>${mailLine(id, mostOfName)}</h3>${
    gravest === undefined
      ? ''
      : html`<p class="danger"><strong>${standing.needs.map((need) => needWords[need].state).join(' · ')}</strong></p>`
  }${
    because?.error === undefined
      ? ''
      : html`<p>${mailLine(because.message ?? '', mostOfError)} <code>${mailLine(because.error, 64)}</code></p>`
  }${rotation ? flight(rotation, now) : ''}<p>${dates(standing, now)}</p>${
    gravest === undefined ? '' : html`<p><strong>What to do:</strong> ${needWords[gravest].next}</p>`
  }<p>${strategyOf(standing)}</p><details><summary>Runs and ledger</summary>${records(standing, runUrl)}</details></div>`;
};

/** One credential: how it stands in words, and what to do where somebody is needed. */
export const credentialView = (standing: Standing, now: Date, runUrl: RunUrl): Html =>
  (standing.group === 'fine' || standing.group === 'soon' ? quiet : telling)(standing, now, runUrl);
