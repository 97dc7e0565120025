import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { endRunOutput } from '../end-run/contract';
import { type RunRecord, runRecord } from '../shared/run-record';
import type { Source, SourceDeps } from './source';
import { erasedText, isThem, unnamed, type Who } from './who';

/** Principals that stand for the person, and what our own functions claim in their name. */
const namesIn = (who: Who, { startedBy = {}, content }: RunRecord): string[] => {
  const claim = content?.requestedBy ?? null;
  const principals = Object.entries(startedBy)
    .filter(([principal, { person }]) => isThem(who, person) || isThem(who, principal))
    .map(([principal]) => principal);
  return claim !== null && principals.includes(claim.replace(':', '/')) ? [...principals, claim] : principals;
};

const answeredIn = (result: unknown) => endRunOutput.safeParse(result).data?.decision?.answers ?? [];

/** Whether they asked for it, as far as anybody says. */
const isTheirs = (who: Who, { requestedBy, content, startedBy = {} }: RunRecord): boolean =>
  [requestedBy, content?.requestedBy].some((name) => isThem(who, name)) ||
  Object.entries(startedBy).some(([principal, { person }]) => isThem(who, principal) || isThem(who, person));

/** What stays of a run: what was done, and that somebody asked for it. */
export const withoutPerson = (who: Who, run: RunRecord) => {
  const { content, startedBy, reason, requestedBy } = run;
  const wasTheirs = isTheirs(who, run);
  const { data: end } = endRunOutput.safeParse(run.result);
  return {
    ...(requestedBy !== undefined && { requestedBy: unnamed(who, requestedBy) }),
    ...(reason !== undefined && { reason: wasTheirs ? erasedText : reason }),
    ...(content && {
      content: {
        ...content,
        requestedBy: unnamed(who, content.requestedBy),
        reason: wasTheirs ? erasedText : content.reason,
      },
    }),
    ...(startedBy && {
      startedBy: Object.fromEntries(
        Object.entries(startedBy).map(([key, { person, ...rest }]) => [
          isThem(who, person) ? who.reference : unnamed(who, key),
          { ...rest, person: unnamed(who, person) },
        ]),
      ),
    }),
    ...(end && {
      result: {
        ...end,
        // What it says may begin with a name.
        error: end.error && wasTheirs ? { ...end.error, message: erasedText } : end.error,
        decision: end.decision && {
          ...end.decision,
          answers: end.decision.answers.map((answer) => ({
            ...answer,
            person: unnamed(who, answer.person),
            comment: isThem(who, answer.person) ? null : answer.comment,
          })),
        },
      },
    }),
  };
};

/** Runs: who asked for them, why, and who answered. */
export const runsSource = ({ client, table }: SourceDeps): Source => ({
  name: 'runs',
  table,
  find: (item, who) => {
    const run = runRecord.parse(item);
    const also = namesIn(who, run);
    const { runId, workflow, workspace, startedAt, status, requestedBy, reason } = run;
    const answers = answeredIn(run.result).filter(({ person }) => isThem(who, person));
    if (!isTheirs(who, run) && answers.length === 0) return [];
    return [
      {
        key: runId,
        also,
        data: {
          workflow,
          workspace,
          startedAt,
          status,
          ...(isTheirs(who, run) && { requestedBy, reason }),
          startedBy: also,
          answers,
        },
        hindrance:
          status === 'ended' && run.open === undefined
            ? undefined
            : `Run ${runId} has not ended and names them: wait for its end, or stop it.`,
        erase: async () => {
          const changed = withoutPerson({ ...who, identities: [...who.identities, ...also] }, run);
          const names = Object.keys(changed);
          await client.send(
            new UpdateCommand({
              TableName: table,
              Key: { runId },
              UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
              ConditionExpression: '#status = :ended',
              ExpressionAttributeNames: {
                '#status': 'status',
                ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
              },
              ExpressionAttributeValues: {
                ':ended': 'ended',
                ...Object.fromEntries(Object.entries(changed).map(([name, value]) => [`:${name}`, value])),
              },
            }),
          );
        },
      },
    ];
  },
});
