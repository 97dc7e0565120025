import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { session } from '../identity/session-store';
import type { LedgerEntry } from '../shared/ledger';
import { removeItem, type Source, type SourceDeps } from './source';
import { erasedText, isThem, unnamed } from './who';

/** Who is signed in. Its end is the end of the session. */
export const sessionsSource = ({ client, table }: SourceDeps): Source => ({
  name: 'sessions',
  table,
  find: (item, who) => {
    const { sessionHash, person, signedInAt } = session.parse(item);
    return isThem(who, person.id)
      ? [
          {
            key: sessionHash,
            data: { person, signedInAt },
            erase: () => removeItem(client, table, { sessionHash }),
          },
        ]
      : [];
  },
});

/** Who froze something. The freeze itself stays. */
export const freezesSource = ({ client, table }: SourceDeps): Source => ({
  name: 'freezes',
  table,
  find: (item, who) => {
    const key = String(item.workspace);
    if (!key.startsWith('freeze:') || !isThem(who, String(item.by))) return [];
    return [
      {
        key,
        data: item,
        erase: async () => {
          await client.send(
            new UpdateCommand({
              TableName: table,
              Key: { workspace: key },
              UpdateExpression: 'SET #by = :by, reason = :reason',
              ConditionExpression: '#by = :seen',
              ExpressionAttributeNames: { '#by': 'by' },
              ExpressionAttributeValues: {
                ':by': unnamed(who, String(item.by)),
                ':reason': erasedText,
                ':seen': item.by,
              },
            }),
          );
        },
      },
    ];
  },
});

/** Entries that refer to them. They stay as they are: nobody can tell any more to whom. */
export const ledgerSource = (
  { table }: Pick<SourceDeps, 'table'>,
  references: readonly string[],
): Source => ({
  name: 'ledger',
  table,
  find: (item) => {
    const entry = item.entry as LedgerEntry | undefined;
    const text = JSON.stringify(entry ?? null);
    if (!entry || !references.some((reference) => text.includes(reference))) return [];
    const { tenant, seq, type, at, actor } = entry;
    return [{ key: `${tenant}/${seq}`, data: { type, at, actor } }];
  },
});
