import type { Starter } from '../approval-rules/people';
import { type Change, countsOf, lostIn } from '../shared/change';
import { describeChange } from '../shared/describe-change';
import type { PlanDocument } from '../shared/plan-document';
import type { PlayDocument } from '../shared/play-document';
import { mailLine } from '../shared/publish-mail';
import type { ScriptDocument } from '../shared/script-document';
import type { ChangeLinks } from './change-links';
import { contentView } from './content-view';
import { type Html, html } from './html';
import type { PageBudget } from './page-budget';
import { planView } from './plan-view';
import { playView } from './play-view';
import { policyView } from './policy-view';
import { scriptView } from './script-view';

/** A change with everything that its approval is about. */
export interface WholeChange {
  readonly change: Change;
  readonly digest: string;
  readonly plan: PlanDocument | null;
  readonly play: PlayDocument | null;
  readonly script: ScriptDocument | null;
}

export const headlineOf = ({ change, play }: WholeChange): string =>
  describeChange(change, play?.hosts.length);

/** Whether something that exists is lost. */
export const isRisky = ({ change }: WholeChange): boolean => lostIn(change) > 0;

const binding = ({ change, digest }: WholeChange): Html => {
  const bound: readonly (readonly [string, string | undefined])[] = [
    ['Saved plan', change.plan?.ref.sha256],
    [`Module ${change.plan?.module}`, change.plan?.digests.module],
    ['Variables', change.plan?.digests.variables],
    ['Provider lock file', change.plan?.digests.lockFile],
    ['Engine', change.plan ? `${change.plan.engine.name} ${change.plan.engine.version}` : undefined],
    ['Policy on plans', change.plan?.policy.digest],
    [`Role ${change.playbook?.role ?? ''}`, change.playbook?.digests.role],
    ['Role variables', change.playbook?.digests.variables],
    ['Hosts', change.playbook?.digests.hosts],
    [`Script ${change.script?.name}`, change.script?.digests.script],
    ['Script parameters', change.script?.digests.parameters],
  ];
  return html`<h2>What an approval binds</h2><p>Exactly this change and nothing else. If any part of it differs when it is carried out, it is refused.</p><details><summary>Change digest <code>${digest}</code></summary><dl>${bound.map(
    ([name, value]) => (value ? html`<dt>${name}</dt><dd><code>${value}</code></dd>` : ''),
  )}</dl></details>`;
};

/** What exists and is lost: before everything else. */
export const lossView = ({ change }: WholeChange): Html => {
  const counts = countsOf(change);
  const lost = lostIn(change);
  return lost === 0
    ? html``
    : html`<div class="note danger"><p><strong>⚠ ${lost} existing ${lost === 1 ? 'resource is' : 'resources are'} lost.</strong> ${[
        counts.delete > 0 ? `${counts.delete} destroyed for good` : '',
        counts.replace > 0 ? `${counts.replace} destroyed and made anew` : '',
      ]
        .filter(Boolean)
        .join(', ')}.</p></div>`;
};

/** Who asked: whoever is known to have started the run, and who else counts as having asked. */
const requesterView = (
  { change: { requestedBy } }: WholeChange,
  { id, verified, alsoAsked = [] }: Starter,
): Html => {
  if (verified && id !== null)
    return html`${mailLine(id, 128)} <span class="good">✓ verified</span>${
      alsoAsked.length === 0
        ? ''
        : html` <span class="hint">Also named: ${mailLine(alsoAsked.join(', '), 300)}</span>`
    }`;
  return html`${requestedBy === null ? 'Not said' : mailLine(requestedBy, 128)} <span class="warn">(unverified: this is what the starter claims)</span>`;
};

/** Everything about a change but its headline and what is lost. */
export const changeView = (
  whole: WholeChange,
  links: ChangeLinks,
  starter: Starter,
  budget: PageBudget,
): Html => {
  const { change, plan, play, script } = whole;
  return html`<dl><dt>Why</dt><dd>${mailLine(change.reason, 1000) || 'No reason given'}</dd><dt>Requested by</dt><dd>${requesterView(whole, starter)}</dd><dt>Run</dt><dd><code>${change.runId}</code>, ${change.workflow}</dd>${contentView(change)}</dl>${change.plan ? policyView(change.plan.policy) : ''}${plan ? planView(plan, links, budget) : ''}${play ? playView(play, links, budget) : ''}${script ? scriptView(script, links, budget) : ''}${binding(whole)}`;
};
