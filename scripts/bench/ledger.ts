import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulator } from '../../local/emulator/emulator';
import type { Toolchain } from '../../local/toolchain/toolchain';
import { type AppendFigures, measureAppends } from './ledger-appends';
import { table, verdict } from './report-parts';

export interface LedgerFigures {
  readonly appends: AppendFigures;
}

/** Measures the ledger on an emulator of its own, of which nothing is left. */
export const measureLedger = async ({
  toolchain,
  stateDir,
  note,
  signal,
}: {
  readonly toolchain: Toolchain;
  readonly stateDir: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}): Promise<LedgerFigures> => {
  const folder = join(stateDir, 'ledger');
  const emulator = await startEmulator({
    toolchain,
    stateDir: folder,
    logFile: join(folder, 'emulator.log'),
  });
  try {
    return { appends: await measureAppends(emulator.url, { note, signal }) };
  } finally {
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const count = new Intl.NumberFormat('en');
const tenths = (value: number): string => `${value.toFixed(1)} ms`;

export const describeLedger = ({ appends: { latencies, throughputs } }: LedgerFigures): string => {
  const [short, long] = [latencies[0], latencies.at(-1)];
  const ratioOf = (part: 'p50' | 'p99'): number => (short && long ? long[part] / short[part] : Number.NaN);
  const perSecond = (chains: number, writers: number): string =>
    (
      throughputs.find((one) => one.chains === chains && one.writers === writers)?.perSecond ?? Number.NaN
    ).toFixed(0);
  const writers = [...new Set(throughputs.map((one) => one.writers))];
  const chains = [...new Set(throughputs.map((one) => one.chains))];
  return `## The ledger

Appends through the code that steps use (one read of the head, one transaction of three), against the emulator, which
answers from memory and one request at a time: that it stays flat says something about our code, the milliseconds do not
say anything about DynamoDB. Chains take turns, so that the rest of the machine disturbs all of them alike.

${table(
  ['entries in the chain', 'p50', 'p99'],
  latencies.map(({ entries, p50, p99 }) => [count.format(entries), tenths(p50), tenths(p99)]),
)}

At ${count.format(long?.entries ?? 0)} entries against ${count.format(short?.entries ?? 0)}: p50 ${ratioOf('p50').toFixed(2)}×, p99 ${ratioOf('p99').toFixed(2)}×; aim: flat, p99 below 1.25×: ${verdict(
    ratioOf('p99') < 1.25,
  )}.

Appends a second, by writers at once. On one chain they take turns at its head, and who loses reads it again:

${table(
  ['', ...writers.map((number) => `${number} ${number === 1 ? 'writer' : 'writers'}`)],
  chains.map((number) => [
    number === 1 ? 'one chain' : `${number} chains`,
    ...writers.map((many) => perSecond(number, many)),
  ]),
)}`;
};
