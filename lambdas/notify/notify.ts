import type { EndRunOutput } from '../end-run/contract';
import { type CompensationResult, decidersOf, type SweepResult } from '../shared/contract';
import { utc } from '../shared/describe-change';
import { mailLine, type PublishMail } from '../shared/publish-mail';

interface Deps {
  readonly sendMail: PublishMail;
  readonly topicArn: string;
}

const headlines: Record<EndRunOutput['outcome'], string> = {
  applied: 'The approved change was applied.',
  unchanged: 'There was nothing to change.',
  rejected: 'The change was rejected. Nothing was touched.',
  expired: 'Nobody decided in time. Nothing was touched.',
  clean: 'Everything is as it should be.',
  drifted: 'Something differs from what was applied.',
  noncompliant: 'Rules of compliance are not kept.',
  previewed: 'The change was previewed. Nothing was touched.',
  skipped: 'Another run had the workspace, so it was not looked at.',
  failed: 'The run failed.',
};

const nextSteps: Record<EndRunOutput['outcome'], string> = {
  applied: 'Nothing is left to do.',
  unchanged: 'Nothing is left to do.',
  rejected: 'Correct the request, then start a new run.',
  expired: 'Start a new run when an approver has time for it.',
  clean: 'Nothing is left to do.',
  previewed: 'Start the workflow that applies it.',
  noncompliant:
    'Read the report. Bring the workspace back with vm-provisioning and asApplied, through its approval; correct its role or variables; or have a rule waived, with an owner, a reason and an end.',
  skipped: 'Nothing is left to do: start again once the other run has ended.',
  drifted:
    'Find out who changed it. Start vm-provisioning with asApplied, which brings it back after approval; change its input to what is there now; or start accept-drift, which accepts what is there.',
  failed:
    'Read the error, remove its cause, then start a new run. What was applied before the failure stays.',
};

const compensated: Record<CompensationResult['outcome'], string> = {
  kept: 'what was applied is kept',
  applied: 'done',
  unchanged: 'there was nothing to do',
  rejected: 'rejected, so what was applied stays',
  expired: 'nobody decided in time, so what was applied stays',
  failed: 'it failed itself; look at the state of the workspace',
};

const describeCompensation = ({ kind, outcome, message }: CompensationResult): string =>
  `${kind}: ${compensated[outcome]}${message === null ? '' : `. ${mailLine(message, 1000)}`}`;

/** One line each, so that many workspaces need one mail. */
const sweepLines = ({ news, page, remediations }: SweepResult): string[] => [
  '',
  ...news.map(({ workspace, outcome, text }) => `${workspace}: ${outcome}, ${mailLine(text, 300)}`),
  ...remediations.map(({ workspace, runId, error }) =>
    error === null
      ? `${workspace}: run ${runId} asks to bring it back`
      : `${workspace}: nothing brings it back, as run ${runId} could not be started (${mailLine(error, 128)})`,
  ),
  `All of it: ${page.key} in the artifacts bucket`,
];

const nextStepOf = ({ outcome, compensation }: EndRunOutput): string =>
  outcome === 'failed' && compensation?.outcome === 'applied'
    ? 'Read the error, remove its cause, then start a new run.'
    : nextSteps[outcome];

/** The message about one ended run. */
export const runMail = (run: EndRunOutput): { subject: string; text: string } => {
  const { summary, decision, compliance, drift, sweep, compensation, error, outcome } = run;
  const workspace = run.workspace ?? 'an unknown workspace';
  const deciders = decision ? decidersOf(decision).map((person) => mailLine(person, 128)) : [];
  const answer =
    decision &&
    `${decision.outcome}${deciders.length > 0 ? ` by ${deciders.join(', ')}` : ''} (${utc(decision.decidedAt)})`;
  const comments = (decision?.answers ?? []).flatMap(({ person, comment }): [string, string][] =>
    comment === null ? [] : [['Comment', `${mailLine(person, 128)}: ${mailLine(comment, 1000)}`]],
  );
  const facts: readonly (readonly [string, string | null | undefined | false])[] = [
    ['Error', error && `${mailLine(error.name, 128)}: ${mailLine(error.message, 1000)}`],
    ['Workflow', mailLine(run.workflow, 80)],
    ['Run', mailLine(run.runId, 80)],
    [
      'Change',
      summary &&
        `${summary.add} to create, ${summary.change} to change, ${summary.destroy} to destroy; ${summary.playbookChanged} playbook ${summary.playbookChanged === 1 ? 'task' : 'tasks'}`,
    ],
    ['Change digest', summary?.digest ?? null],
    ['Decision', answer],
    ...comments,
    [
      'Compliance',
      compliance &&
        `${compliance.passed} passed, ${compliance.failed} failed, ${compliance.waived} waived, ${compliance.notApplicable} not applicable${compliance.check ? `; ${compliance.check.new} new` : ''}`,
    ],
    ['Report', compliance?.check && `s3://${compliance.check.page.bucket}/${compliance.check.page.key}`],
    [
      'Drift',
      drift &&
        `${drift.counts.state} in the world, ${drift.counts.configuration} against the configuration, ${drift.counts.host} on hosts; ${drift.new} new${drift.accepted > 0 ? `, ${drift.accepted} accepted` : ''}${drift.since === null ? '' : `; the oldest since ${utc(drift.since)}`}`,
    ],
    [
      'Workspaces',
      sweep &&
        `${sweep.workspaces}: ${sweep.clean} clean, ${sweep.drifted} drifted (${sweep.new} with something new), ${sweep.skipped} busy and skipped, ${sweep.failed} could not be looked at`,
    ],
    ['State before', run.finalState && `${run.finalState} in the state bucket`],
    ['Compensation', compensation && describeCompensation(compensation)],
  ];
  const lines = [
    `${headlines[outcome]} Workspace: ${mailLine(workspace, 127)}.`,
    '',
    ...facts.filter(([, value]) => value).map(([name, value]) => `${`${name}:`.padEnd(15)}${value}`),
    ...(sweep ? sweepLines(sweep) : []),
    '',
    `Next: ${nextStepOf(run)}`,
    '',
  ];
  return { subject: `Run ${outcome}: ${workspace} (${run.runId})`, text: lines.join('\n') };
};

/** Tells the notification topic how a run ended, unless the run that it is part of tells it. */
export const makeNotify =
  (deps: Deps) =>
  async (run: EndRunOutput): Promise<{ messageId: string | null }> => ({
    messageId: run.partOf ? null : await deps.sendMail({ topicArn: deps.topicArn, ...runMail(run) }),
  });
