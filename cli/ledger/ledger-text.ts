import { plainText } from '../../lambdas/shared/plain-text';
import type { ExportedTenant } from './export-ledger';
import type { Proven } from './ledger-proof';
import type { TenantReport } from './verify-export';

const number = new Intl.NumberFormat('en');
const count = (value: number, one: string, many: string): string =>
  `${number.format(value)} ${value === 1 ? one : many}`;

/** What was found of one tenant, for people. */
export const tenantLines = (report: TenantReport): readonly string[] => {
  const { tenant, verdict, entries, lastAt, signedSize, checkpoints, witnesses, breaks } = report;
  const last = lastAt === null ? '' : `, the last of ${plainText(lastAt, 40)}`;
  const signed =
    signedSize === 0
      ? 'nothing of it is signed'
      : `signed up to ${number.format(signedSize)} (${count(checkpoints, 'checkpoint', 'checkpoints')})`;
  if (verdict === 'broken')
    return [
      `✖ ${tenant}: broken`,
      ...breaks.slice(0, shown).map(({ kind, message }) => `  ${kind}: ${message}`),
      ...(breaks.length > shown ? [`  and ${breaks.length - shown} more`] : []),
      `  ${entries === 0 ? 'No entry holds' : `${count(entries, 'entry holds', 'entries hold')} together before that`}${last}; ${signed}.`,
    ];
  const rest = entries - signedSize;
  return [
    `${verdict === 'whole' ? '✔' : '?'} ${tenant}: ${count(entries, 'entry', 'entries')}${last}; ${signed}`,
    ...(rest > 0
      ? [
          `  ${count(rest, 'entry is', 'entries are')} chained and not signed yet: a later checkpoint will prove them.`,
        ]
      : []),
    ...witnesses.map(({ name, size }) => `  ${plainText(name, 200)} cosigned up to ${number.format(size)}.`),
  ];
};

const shown = 10;

/** What a proof proved, for people. */
export const provenText = (proven: Proven): string => {
  if (proven.proves === 'consistency')
    return `✔ ${proven.newer.tenant}: the ledger of ${number.format(proven.newer.size)} entries is the one of ${number.format(proven.older.size)} and more.`;
  const { entry, checkpoint } = proven;
  return `✔ ${entry.tenant}: entry ${number.format(entry.seq)} (${plainText(entry.type, 80)}, ${plainText(entry.at, 40)}) is in the ledger of ${count(checkpoint.size, 'entry', 'entries')} that was signed.`;
};

/** The same for programs. */
export const provenJson = (proven: Proven): string => {
  const { proves } = proven;
  if (proves === 'consistency') {
    const { older, newer } = proven;
    return JSON.stringify({
      proves,
      tenant: newer.tenant,
      verdict: 'whole',
      olderSize: older.size,
      signedSize: newer.size,
    });
  }
  const { entry, checkpoint } = proven;
  return JSON.stringify({
    proves,
    tenant: entry.tenant,
    verdict: 'whole',
    entry,
    signedSize: checkpoint.size,
  });
};

/** What was exported of one tenant, for people. */
export const exportedText = ({ tenant, entries, checkpoints }: ExportedTenant): string =>
  `${tenant}: ${count(entries, 'entry', 'entries')}, ${count(checkpoints, 'checkpoint', 'checkpoints')}`;
