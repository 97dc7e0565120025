import { endRunOutput } from '../end-run/contract';
import type { Artifacts } from '../runners/artifacts';
import type { SweepResult } from '../shared/contract';
import { canonicalJson } from '../shared/digest';
import { driftDocument } from '../shared/drift-document';
import { plainText } from '../shared/plain-text';
import type { ReadArtifact } from '../shared/read-artifact';
import type { RunRecord } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { type SweepDocument, type SweepFinding, type SweepItem, sweepItems } from '../shared/sweep-document';
import type { ReportDriftInput } from './contract';
import { sweepPage } from './sweep-page';

interface Deps {
  readonly readArtifact: ReadArtifact;
  readonly artifacts: Pick<Artifacts, 'put'>;
  readonly runs: Pick<RunStore, 'get'>;
}

/** Records that are read at once. */
const atOnce = 25;
/** Workspaces whose drift is shown item by item, and lines of a mail. */
const shownWorkspaces = 50;
const shownLines = 20;

const inTurn = async <T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += atOnce)
    results.push(...(await Promise.all(all.slice(from, from + atOnce).map(work))));
  return results;
};

const neverBegan = {
  name: 'CheckNotStartedError',
  message: 'Its check left no record. The map run of this execution says why it could not be started.',
};
const neverEnded = {
  name: 'CheckNotEndedError',
  message: 'Its check has recorded no end yet. It is recorded in its own run.',
};

/** What the run of a check says was found. */
const findingOf = (item: SweepItem, run: RunRecord | undefined): SweepFinding => {
  const { data: end } = endRunOutput.safeParse(run?.result);
  const { drift, error } = end ?? {};
  const isKnown = run?.outcome === 'clean' || run?.outcome === 'drifted' || run?.outcome === 'skipped';
  return {
    ...item,
    outcome: isKnown ? (run.outcome as 'clean' | 'drifted' | 'skipped') : 'failed',
    total: drift?.total ?? 0,
    new: drift?.new ?? 0,
    accepted: drift?.accepted ?? 0,
    since: drift?.since ?? null,
    document: drift?.document ?? null,
    error: isKnown ? null : (error ?? (run === undefined ? neverBegan : neverEnded)),
  };
};

const newsOf = (finding: SweepFinding): SweepResult['news'][number] => ({
  workspace: finding.workspace,
  outcome: finding.outcome === 'failed' ? 'failed' : 'drifted',
  text:
    finding.outcome === 'failed'
      ? plainText(`${finding.error?.name}: ${finding.error?.message}`, 300)
      : `${finding.new} new, ${finding.total} in all`,
});

/**
 * Says what the checks of many workspaces found. Each check has recorded its own end, whatever became of its execution,
 * so that nothing of it has to travel through the state of the workflow.
 */
export const makeReportDrift =
  (deps: Deps) =>
  async ({ run: { runId }, at, workspaces, remediateAtMost }: ReportDriftInput): Promise<SweepResult> => {
    const items = await deps.readArtifact(workspaces, sweepItems);
    const findings = await inTurn(items, async (item) => findingOf(item, await deps.runs.get(item.runId)));
    const of = (outcome: SweepFinding['outcome']) => findings.filter((one) => one.outcome === outcome);
    const drifted = of('drifted').sort((one, other) => (one.since ?? '').localeCompare(other.since ?? ''));
    const withNews = drifted.filter((one) => one.new > 0);
    const failed = of('failed');

    const document: SweepDocument = {
      version: 1,
      runId,
      at,
      findings,
      drifted: await inTurn(
        withNews.slice(0, shownWorkspaces).filter((one) => one.document !== null),
        async ({ workspace, document: ref }) => ({
          workspace,
          items: ref ? (await deps.readArtifact(ref, driftDocument)).items : [],
        }),
      ),
    };
    const [json, page] = await Promise.all([
      deps.artifacts.put(`runs/${runId}/drift-report.json`, canonicalJson(document), 'application/json'),
      deps.artifacts.put(`runs/${runId}/drift-report.md`, sweepPage(document), 'text/markdown'),
    ]);
    return {
      document: json,
      page,
      workspaces: findings.length,
      clean: of('clean').length,
      drifted: drifted.length,
      new: withNews.length,
      skipped: of('skipped').length,
      failed: failed.length,
      news: [...withNews, ...failed].slice(0, shownLines).map(newsOf),
      remediations: drifted.slice(0, remediateAtMost).map(({ workspace, runId: check }) => ({
        workspace,
        runId: `${check.slice(0, 60)}-fix`,
        error: null,
      })),
    };
  };
