import { lstatSync } from 'node:fs';
import { NoteError } from '../../lambdas/ledger-proof/checkpoint';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { plainText } from '../../lambdas/shared/plain-text';
import { exitCode } from '../exit-code';
import { openExport, readNote } from './export-folder';
import { type LedgerCall, ledgerHelp, parseLedgerCall } from './ledger-call';
import {
  checkProof,
  chooseTenant,
  FalseProofError,
  ledgerProof,
  proveConsistency,
  proveInclusion,
} from './ledger-proof';
import { provenJson, provenText, tenantLines } from './ledger-text';
import { readCheckpoint, splitNotes } from './signed-checkpoint';
import { readKey } from './verifier-key';
import { type TenantReport, type Trust, verifyExport } from './verify-export';

type Trusting = Extract<LedgerCall, { key: string }>;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (text: string): void => void process.stderr.write(`${text}\n`);

const trustOf = (call: Trusting): Trust => {
  const { origin } = call;
  const signers = {
    key: readKey(call.key, { kind: 'log', origin }),
    witnesses: call.witnesses.map((witness) => readKey(witness, { kind: 'witness', origin: null })),
  };
  const kept = call.kept.flatMap((file) =>
    splitNotes(readNote(file)).map((note) => {
      try {
        return readCheckpoint(note, `The checkpoint that you kept in ${plainText(file, 200)}`, signers);
      } catch (error) {
        if (!(error instanceof NoteError)) throw error;
        throw new InvalidInputError(`${plainText(file, 200)} is no checkpoint to go by. ${error.message}`, {
          cause: error,
        });
      }
    }),
  );
  return { ...signers, kept };
};

const exitCodeOfReports = (reports: readonly Pick<TenantReport, 'verdict'>[]): number => {
  if (reports.some(({ verdict }) => verdict === 'broken')) return exitCode.failed;
  return reports.length > 0 && reports.every(({ verdict }) => verdict === 'whole')
    ? exitCode.clean
    : exitCode.badInput;
};

const parseProof = (text: string) => {
  try {
    return ledgerProof.parse(JSON.parse(text));
  } catch (error) {
    throw new InvalidInputError('This file is neither the folder of an export nor a proof.', {
      cause: error,
    });
  }
};

const runVerify = (call: Extract<LedgerCall, { command: 'verify' }>): number => {
  const trust = trustOf(call);
  if (lstatSync(call.path, { throwIfNoEntry: false })?.isFile()) {
    if (call.kept.length > 0)
      throw new InvalidInputError('A proof brings its own checkpoints: --checkpoint goes with an export.');
    const proven = checkProof(parseProof(readNote(call.path)), trust);
    print(call.json ? provenJson(proven) : provenText(proven));
    return exitCode.clean;
  }
  const verdicts: Pick<TenantReport, 'verdict'>[] = [];
  for (const report of verifyExport(openExport(call.path), trust)) {
    print(call.json ? JSON.stringify(report) : tenantLines(report).join('\n'));
    verdicts.push({ verdict: report.verdict });
  }
  if (verdicts.length === 0) throw new InvalidInputError('There is nothing in this export.');
  return exitCodeOfReports(verdicts);
};

const runCheckpoint = (call: Extract<LedgerCall, { command: 'checkpoint' }>): number => {
  const folder = openExport(call.path);
  const tenants = call.tenant === null ? folder.tenants : [chooseTenant(folder, call.tenant)];
  const reports = [...verifyExport({ ...folder, tenants }, trustOf(call))];
  for (const report of reports) {
    const newest = folder.checkpoints(report.tenant).at(-1);
    if (report.verdict === 'whole' && newest) process.stdout.write(folder.note(report.tenant, newest));
    else tell(tenantLines(report).join('\n'));
  }
  return exitCodeOfReports(reports);
};

const runProve = ({ path, tenant: given, what }: Extract<LedgerCall, { command: 'prove' }>): number => {
  const folder = openExport(path);
  const tenant = chooseTenant(folder, given);
  const proof =
    'seq' in what ? proveInclusion(folder, tenant, what.seq) : proveConsistency(folder, tenant, what);
  print(JSON.stringify(proof, null, 2));
  return exitCode.clean;
};

const run = (call: LedgerCall): number => {
  if (call.command === 'verify') return runVerify(call);
  if (call.command === 'checkpoint') return runCheckpoint(call);
  if (call.command === 'prove') return runProve(call);
  process.stdout.write(ledgerHelp);
  return exitCode.clean;
};

/** Anything but a break that was found means that nothing could be said. */
export const main = async (argv: readonly string[]): Promise<number> => {
  try {
    return run(parseLedgerCall(argv));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (argv.includes('--json')) print(JSON.stringify({ error: { code: name, message } }));
    tell(`${plainText(message, 2048)} (${plainText(name, 80)})`);
    return error instanceof FalseProofError ? exitCode.failed : exitCode.badInput;
  }
};
