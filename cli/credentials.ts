import { userInfo } from 'node:os';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CredentialRecord } from '../lambdas/rotation/journal';
import { type Group, inOrderOfNeed, type Need } from '../lambdas/rotation/life-cycle';
import { needWords } from '../lambdas/rotation/need-words';
import { makeTableJournal } from '../lambdas/rotation/table-journal';
import { plainText } from '../lambdas/shared/plain-text';
import { requireOutputs } from './deployed-outputs';
import { exitCode } from './exit-code';
import { type OrchestratorDeps, startInput } from './orchestrator-commands';
import type { StartedRun } from './start-run';

interface Deps {
  readonly dynamoDb: Pick<DynamoDBDocumentClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/** How one credential stands, as the page Credentials tells it. Absent parts are `null`. */
export interface ListedCredential {
  readonly credential: string;
  readonly group: Group;
  /** Why a person is needed, the gravest first. */
  readonly needs: readonly Need[];
  /** Of the rotation in flight: what is done next. */
  readonly stage: string | null;
  readonly ageSeconds: number | null;
  readonly nextDueAt: string | null;
  readonly lastResult: NonNullable<CredentialRecord['lastResult']> | null;
  readonly strategy: string | null;
  readonly owner: string | null;
  readonly consumers: readonly string[];
}

/**
 * Every credential that a run of `secret-rotation` has seen: what needs somebody first, then by when it is due.
 *
 * @throws InvalidInputError when the environment is not deployed.
 */
export const listCredentials = async (deps: Deps, now: Date): Promise<ListedCredential[]> => {
  const { credentialsTable } = await requireOutputs(deps.cloudFormation, deps.environment);
  const records: CredentialRecord[] = [];
  for await (const record of makeTableJournal({ client: deps.dynamoDb, credentialsTable }).list())
    records.push(record);
  return inOrderOfNeed(records, now).map(({ record, needs, group, currentSince }) => ({
    credential: record.id,
    group,
    needs,
    stage: record.rotation?.step ?? null,
    ageSeconds:
      currentSince === null
        ? null
        : Math.max(0, Math.round((now.getTime() - Date.parse(currentSince)) / 1000)),
    nextDueAt: record.nextDueAt ?? null,
    lastResult: record.lastResult ?? null,
    strategy: record.strategy ?? null,
    owner: record.owner ?? null,
    consumers: record.consumers,
  }));
};

const groupWords: Readonly<Record<Group, string>> = {
  'needs-somebody': 'needs somebody',
  'in-flight': 'being rotated',
  due: 'due',
  soon: 'due within a week',
  fine: 'fine',
};
const daySeconds = 86_400;

const linesOf = (one: ListedCredential): string[] => {
  const { needs, stage, ageSeconds, nextDueAt, lastResult, strategy, owner } = one;
  const [gravest] = needs;
  const facts = [
    ageSeconds === null ? 'age unknown' : `${Math.floor(ageSeconds / daySeconds)} days old`,
    nextDueAt === null ? 'next rotation unknown' : `next rotation ${nextDueAt}`,
    ...(stage === null ? [] : [`stage ${stage}`]),
    lastResult === null ? 'never rotated' : `last ${lastResult.outcome} ${lastResult.at}`,
    `strategy ${strategy ?? 'unknown'}`,
    `owner ${owner ?? 'unknown'}`,
  ];
  const why = lastResult?.error === undefined ? '' : ` ${lastResult.message ?? ''} (${lastResult.error})`;
  return [
    `${one.credential}: ${gravest === undefined ? groupWords[one.group] : needs.map((need) => needWords[need].state).join(', ')}`,
    `  ${facts.join(', ')}`,
    ...(gravest === undefined ? [] : [`  ${needWords[gravest].next}${why}`]),
  ].map((line) => plainText(line, 800));
};

/** For people: two lines for each, and what to do where somebody is needed. */
export const credentialsText = (credentials: readonly ListedCredential[]): string => {
  const needing = credentials.filter(({ group }) => group === 'needs-somebody').length;
  const counted = `${credentials.length} credentials, ${needing} of them need somebody`;
  return [counted, ...credentials.flatMap(linesOf)].join('\n');
};

export const exitCodeOfCredentials = (credentials: readonly ListedCredential[]): number =>
  credentials.some(({ group }) => group === 'needs-somebody') ? exitCode.failed : exitCode.clean;

const workflow = 'secret-rotation';

/**
 * Starts the run that rotates one, due or not.
 *
 * @throws InvalidInputError when it does not fit; nothing was started.
 */
export const rotateCredential = async (
  deps: OrchestratorDeps,
  call: { readonly credential: string; readonly reason: string; readonly key: string | null },
): Promise<StartedRun & { readonly workflow: string }> => {
  const { credential, reason, key } = call;
  const input = { credentials: [credential], force: true, reason, requestedBy: userInfo().username };
  return { ...(await startInput(deps, { workflow, input, key })), workflow };
};
