import type { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { makeTableJournal } from '../../../lambdas/rotation/table-journal';
import { TransientError } from '../../../lambdas/shared/errors';
import { collect } from '../../support/collect';
import { inMemoryJournal } from '../../support/in-memory-journal';
import { fullRecord, itKeepsRecords } from '../../support/journal-conformance';

describe('in memory', () => {
  const journal = inMemoryJournal();
  itKeepsRecords(async () => journal);
});

describe('a table', () => {
  const answering = (answer: (input: object) => unknown) =>
    makeTableJournal({
      client: {
        send: async ({ input }: GetCommand | PutCommand | ScanCommand) => answer(input) as never,
      } as never,
      credentialsTable: 'credentials',
    });
  const refusing = (name: string) =>
    answering(() => {
      throw Object.assign(new Error('what it says'), { name });
    });
  const calls = (journal: ReturnType<typeof answering>) => [
    journal.read('a'),
    journal.write(fullRecord('a')),
    collect(journal.list()),
  ];

  test('that is too busy is asked again later', async () => {
    for (const call of calls(refusing('ThrottlingException')))
      await expect(call).rejects.toThrow(TransientError);
  });

  test('that refuses is not taken for one that is busy', async () => {
    for (const call of calls(refusing('AccessDeniedException')))
      await expect(call).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('is listed to its last page', async () => {
    const pages = [
      { Items: [fullRecord('a')], LastEvaluatedKey: { id: 'a' } },
      { Items: [], LastEvaluatedKey: { id: 'b' } },
      { Items: [fullRecord('c')] },
    ];
    const from: unknown[] = [];
    const journal = answering((input) => {
      from.push((input as { ExclusiveStartKey?: unknown }).ExclusiveStartKey);
      return pages.shift();
    });
    expect((await collect(journal.list())).map(({ id }) => id)).toEqual(['a', 'c']);
    expect(from).toEqual([undefined, { id: 'a' }, { id: 'b' }]);
  });

  test.each([
    ['a field of somebody else', { more: 1 }],
    ['a step that there is not', { rotation: { ...fullRecord('a').rotation, step: 'jump' } }],
    ['a revision that is none', { revision: -1 }],
  ])('whose item holds %s is not read as a record', async (_, wrong) => {
    const journal = answering(() => ({ Item: { ...fullRecord('a'), ...wrong } }));
    await expect(journal.read('a')).rejects.toMatchObject({ name: 'ZodError' });
  });
});
