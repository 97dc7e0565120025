import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLayout } from '../../cli/ledger/export-folder';
import { leavePeak } from './leave-peak';
import { table, verdict } from './report-parts';
import { sampleEntries, sampleKey, writeSampleTenant } from './sample-ledger';

/** One run of the verifier's program over an export of so many entries. */
export interface VerifyFigures {
  readonly entries: number;
  readonly seconds: number;
  /** The most that the process held at once. */
  readonly peakMib: number;
}

const sizes = [1000, 10_000, 100_000] as const;
const checkpoints = 100;
const program = join(__dirname, '../../cli/ledger/orchestrator-ledger.mjs');

const measureOne = async (folder: string, entries: number): Promise<VerifyFigures> => {
  const [path, peakFile] = [join(folder, String(entries)), join(folder, 'peak')];
  await mkdir(path);
  writeSampleTenant(path, {
    tenant: 'tenant-a',
    entries: sampleEntries('tenant-a', entries),
    sizes: new Set(Array.from({ length: checkpoints }, (_, index) => ((index + 1) * entries) / checkpoints)),
    signer: sampleKey('orchestrator.example.com/bench'),
  });
  const args = ['--require', join(folder, 'leave-peak.cjs'), program, 'verify', path];
  const began = performance.now();
  const child = spawn(process.execPath, [...args, '--key', join(path, exportLayout.key)], {
    env: { ...process.env, PEAK_FILE: peakFile },
    stdio: 'ignore',
  });
  const code = await new Promise((done) => child.once('exit', done));
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`The verifier ended with ${code} on an export that is whole.`);
  return { entries, seconds, peakMib: Number(await readFile(peakFile, 'utf8')) / 1024 };
};

/** Measures the verifier as people start it, each time in a process of its own. */
export const measureVerifying = async (note: (text: string) => void): Promise<readonly VerifyFigures[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'verify-ledger-'));
  try {
    await writeFile(join(folder, 'leave-peak.cjs'), leavePeak);
    const figures: VerifyFigures[] = [];
    for (const entries of sizes) {
      note(`${entries} entries`);
      figures.push(await measureOne(folder, entries));
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true });
  }
};

const count = new Intl.NumberFormat('en');

export const describeVerifying = (figures: readonly VerifyFigures[]): string => {
  const [before, largest] = figures.slice(-2);
  if (!before || !largest) throw new Error('Nothing was verified.');
  const growth = largest.peakMib / before.peakMib;
  return `## Verifying the ledger

\`npx orchestrator-ledger verify\`, as a process of its own, the start of Node and the compiler included: an export with
${checkpoints} checkpoints, some 660 bytes an entry.

${table(
  ['entries', 'time', 'memory'],
  figures.map(({ entries, seconds, peakMib }) => [
    count.format(entries),
    `${seconds.toFixed(1)} s`,
    `${peakMib.toFixed(0)} MiB`,
  ]),
)}

Aim: ${count.format(largest.entries)} in under 10 s: ${verdict(largest.seconds < 10)}; bounded memory, ten times the entries
in less than 1.5 times of it: ${growth.toFixed(2)}×, ${verdict(growth < 1.5)}.`;
};
