import { plainText } from '../shared/plain-text';
import type { SweepDocument, SweepFinding } from '../shared/sweep-document';

/** Others' text in a cell of a table: no markup, no new cell, one line. */
const cell = (text: string): string =>
  plainText(text, 300).replace(/[\\`*_{}[\]<>()#+!|~]/g, (sign) => `\\${sign}`);

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${heads.join(' | ')} |`,
  `|${' --- |'.repeat(heads.length)}`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  '',
];

const section = (title: string, lines: readonly string[]): string[] => [`## ${title}`, '', ...lines];

/** What a sweep found, for people. */
export const sweepPage = ({ runId, at, findings, drifted }: SweepDocument): string => {
  const of = (outcome: SweepFinding['outcome']) => findings.filter((one) => one.outcome === outcome);
  const [open, failed, skipped] = [of('drifted'), of('failed'), of('skipped')];
  const lines = [
    `# Drift, ${at}`,
    '',
    `Run ${runId} looked at ${findings.length} workspaces: ${of('clean').length} clean, ${open.length} drifted, ${skipped.length} busy and skipped, ${failed.length} could not be looked at.`,
    '',
    ...(open.length === 0
      ? []
      : section(
          'Drifted',
          table(
            ['workspace', 'open', 'new', 'accepted', 'since', 'run'],
            open.map((one) => [
              one.workspace,
              String(one.total),
              String(one.new),
              String(one.accepted),
              one.since ?? '',
              one.runId,
            ]),
          ),
        )),
    ...drifted.flatMap(({ workspace, items }) => [
      `### ${workspace}`,
      '',
      ...table(
        ['in', 'what', 'how', 'since', 'key'],
        items.map((item) => [item.in, item.what, item.how, item.since, item.key]),
      ),
    ]),
    ...(failed.length === 0
      ? []
      : section(
          'Could not be looked at',
          table(
            ['workspace', 'why', 'run'],
            failed.map(({ workspace, error, runId: check }) => [
              workspace,
              `${error?.name}: ${error?.message}`,
              check,
            ]),
          ),
        )),
    ...(skipped.length === 0
      ? []
      : section(
          'Busy and skipped',
          skipped.map(({ workspace }) => `- ${workspace}`),
        )),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
};
