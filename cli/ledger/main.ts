import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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
import { exportedText, provenJson, provenText, tenantLines } from './ledger-text';
import { readCheckpoint, splitNotes } from './signed-checkpoint';
import { readKey } from './verifier-key';
import { type TenantReport, type Trust, verifyExport } from './verify-export';

// The SDK announces the end of old Node versions at every call; the package's engines decide that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

type Trusting = Extract<LedgerCall, { key: string }>;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (text: string): void => void process.stderr.write(`${text}\n`);

/** A file, or the notes in a folder of them. */
const filesOf = (path: string): string[] =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(path).map((name) => join(path, name))
    : [path];

const trustOf = (call: Trusting): Trust => {
  const { origin } = call;
  const signers = {
    key: readKey(call.key, { kind: 'log', origin }),
    witnesses: call.witnesses.map((witness) => readKey(witness, { kind: 'witness', origin: null })),
  };
  const kept = call.kept.flatMap(filesOf).flatMap((file) =>
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
  const tenants =
    call.tenants.length === 0 ? folder.tenants : call.tenants.map((tenant) => chooseTenant(folder, tenant));
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

/** Nothing else here knows AWS. */
const awsClients = async () => {
  try {
    return await Promise.all([
      import('./export-ledger.js'),
      import('@aws-sdk/client-cloudformation'),
      import('@aws-sdk/client-dynamodb'),
      import('@aws-sdk/lib-dynamodb'),
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/client-kms'),
    ]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new InvalidInputError(
      'export needs the clients of AWS, which this file alone does not have: use npx orchestrator-ledger in the repository.',
      { cause: error },
    );
  }
};

const runExport = async (call: Extract<LedgerCall, { command: 'export' }>): Promise<number> => {
  const [
    { exportLedger },
    { CloudFormationClient },
    { DynamoDBClient },
    { DynamoDBDocumentClient },
    s3,
    kms,
  ] = await awsClients();
  const clients = {
    cloudFormation: new CloudFormationClient(),
    dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient()),
    s3: new s3.S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined }),
    kms: new kms.KMSClient(),
  };
  for await (const done of exportLedger(clients, call)) print(exportedText(done));
  return exitCode.clean;
};

const run = async (call: LedgerCall): Promise<number> => {
  if (call.command === 'export') return await runExport(call);
  if (call.command === 'verify') return runVerify(call);
  if (call.command === 'checkpoint') return runCheckpoint(call);
  if (call.command === 'prove') return runProve(call);
  process.stdout.write(ledgerHelp);
  return exitCode.clean;
};

/** Anything but a break that was found means that nothing could be said. */
export const main = async (argv: readonly string[]): Promise<number> => {
  try {
    return await run(parseLedgerCall(argv, process.env));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (argv.includes('--json')) print(JSON.stringify({ error: { code: name, message } }));
    tell(`${plainText(message, 2048)} (${plainText(name, 80)})`);
    return error instanceof FalseProofError ? exitCode.failed : exitCode.badInput;
  }
};
