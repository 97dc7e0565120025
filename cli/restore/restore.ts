import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { plainText } from '../../lambdas/shared/plain-text';
import { exitCode, exitCodeOf } from '../exit-code';
import { readDataStack } from './data-stack';
import { type RestoredChain, restoreLedger } from './restore-ledger';
import { parseRestoreCall, type RestoreCall, restoreHelp } from './restore-options';
import { restoreStates } from './restore-states';
import { backUpTables, restoreTables } from './restore-tables';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** What was done, whether something is left that differs, and the same for people. */
interface Done {
  readonly result: unknown;
  readonly lines: readonly string[];
  readonly differs: boolean;
}

const left = (changed: number, replace: boolean): string =>
  changed === 0
    ? ''
    : `, ${changed} changed since ${replace ? 'and put back' : '(left alone; see --replace)'}`;

const chainLine = ({ tenant, copies, restored, changed, broken }: RestoredChain, replace: boolean): string =>
  `${tenant}: ${copies} copies, ${restored} entries put back${left(changed.length, replace)}` +
  (broken ? `; at entry ${broken.seq} the copies do not hold together: ${broken.reason}` : '');

const carryOut = async (call: Exclude<RestoreCall, { command: 'help' }>): Promise<Done> => {
  const client = new DynamoDBClient();
  const s3 = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
  const data = await readDataStack(new CloudFormationClient(), call.environment);
  if (call.command === 'backup') {
    const tables = await backUpTables({ client, ...data }, call.name);
    return { result: { tables }, lines: [`Backed up: ${tables.join(', ')}.`], differs: false };
  }
  const { replace } = call;
  if (call.command === 'tables') {
    const done = await restoreTables({ client, ...data, ...call, now: new Date() });
    return {
      result: done,
      lines: Object.entries(done).map(
        ([name, { restored, same, changed }]) =>
          `${name}: ${restored} items put back, ${same} as they were${left(changed, replace)}`,
      ),
      differs: !replace && Object.values(done).some(({ changed }) => changed > 0),
    };
  }
  if (call.command === 'states') {
    const { below: prefix, asOf } = call;
    const done = await restoreStates({ client: s3, bucket: data.stateBucket, prefix, asOf, replace });
    const { restored, same, changed } = done;
    return {
      result: done,
      lines: [
        `${restored.length} states put back, ${same} as they were${left(changed.length, replace)}`,
        ...restored.map((key) => `  put back: ${plainText(key, 200)}`),
        ...changed.map((key) => `  changed since: ${plainText(key, 200)}`),
      ],
      differs: !replace && changed.length > 0,
    };
  }
  const chains = await restoreLedger({
    s3,
    dynamoDb: DynamoDBDocumentClient.from(client),
    bucket: data.auditBucket,
    table: data.tables.Ledger ?? '',
    replace,
  });
  return {
    result: { chains },
    lines: chains.map((chain) => chainLine(chain, replace)),
    differs: chains.some(({ broken, changed }) => broken !== null || (!replace && changed.length > 0)),
  };
};

const main = async (): Promise<number> => {
  try {
    const call = parseRestoreCall(process.argv.slice(2), process.env);
    if (call.command === 'help') {
      process.stdout.write(restoreHelp);
      return exitCode.clean;
    }
    const { result, lines, differs } = await carryOut(call);
    process.stdout.write(call.json ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`);
    return differs ? exitCode.failed : exitCode.clean;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${plainText(message, 2048)} (${plainText(name, 80)})\n`);
    return exitCodeOf(error);
  }
};

void main().then((code) => {
  process.exitCode = code;
});
