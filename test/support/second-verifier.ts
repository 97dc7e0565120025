import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../lambdas/shared/digest';
import { buildOnce } from '../../local/toolchain/build-once';
import { requireProgram, thisMachine } from '../../local/toolchain/machine';
import { runOrExplain } from '../../local/toolchain/run-or-explain';

const sources = join(__dirname, 'second-verifier');
const quiet = {
  step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => undefined),
  line: () => undefined,
};

/** The path of the second verifier: a program in Go that shares no code with ours. Cached by its sources. */
export const ensureSecondVerifier = async (): Promise<string> => {
  const machine = thisMachine();
  const names = readdirSync(sources).sort();
  const digest = sha256Hex(names.map((name) => readFileSync(join(sources, name), 'utf8')).join('\0'));
  const folder = join(machine.cacheDir, 'second-verifier', digest.slice(0, 16));
  await buildOnce(machine, quiet, {
    folder,
    title: 'The second verifier',
    needsGigabytes: 1,
    build: async (work, note) => {
      const go = requireProgram(machine, 'go', 'It builds the second verifier. Install Go 1.26.');
      const source = join(work, 'source');
      cpSync(sources, source, { recursive: true });
      await runOrExplain(
        machine,
        'Building the second verifier',
        go,
        ['build', '-trimpath', '-o', join(work, 'second-verifier'), '.'],
        { cwd: source, env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' }, onLine: note },
      );
    },
  });
  return join(folder, 'second-verifier');
};

export interface SecondReport {
  readonly tenant: string;
  readonly verdict: 'whole' | 'broken' | 'unsigned';
  readonly entries: number;
  readonly signedSize: number;
  readonly cosignedSize: number;
  /** The first entry that is wrong; 0 when it is not about one. */
  readonly seq: number;
}

/** Has it check an export. */
export const secondOpinion = (
  program: string,
  folder: string,
  ...keys: readonly string[]
): Promise<{ code: number; reports: readonly SecondReport[]; said: string }> =>
  new Promise((done) => {
    execFile(program, [folder, ...keys], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const reports = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as SecondReport);
      done({ code: error ? Number(error.code) : 0, reports, said: stderr });
    });
  });
