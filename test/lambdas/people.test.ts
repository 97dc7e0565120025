import { sha256Hex } from '../../lambdas/shared/digest';
import { type LedgerEvent, people, person, withoutNames, words } from '../../lambdas/shared/ledger-event';
import { inMemoryPeople } from '../support/in-memory-people';

const reference = /^person:[0-9a-f]{32}$/;
const alex = 'Alex@Example.com';

test('a person has one reference, whoever asks, at the same moment and in whatever case', async () => {
  const table = inMemoryPeople();
  const found = await Promise.all([alex, alex.toLowerCase(), alex].map((id) => table.people().refer(id)));
  expect(found[0]).toMatch(reference);
  expect(new Set(found).size).toBe(1);
  expect(await table.people().refer('dana@example.com')).not.toBe(found[0]);
});

test('a reference says nothing of who it is, and the table does', async () => {
  const table = inMemoryPeople();
  const other = inMemoryPeople();
  const found = await table.people().refer(alex);
  expect(await other.people().refer(alex)).not.toBe(found);
  expect(await table.namePeople(`unverified:${found}+orchestrator`)).toBe(`unverified:${alex}+orchestrator`);
  expect(await other.namePeople(found)).toBe('an erased person');
});

test('who is known already is not read again', async () => {
  const table = inMemoryPeople();
  const warm = table.people();
  const found = await warm.refer(alex);
  table.items.clear();
  expect(await warm.refer(alex)).toBe(found);
});

test('a text is kept apart with its salt, the same text in the same place once', async () => {
  const table = inMemoryPeople();
  const digest = await table.people().keep('Looks fine', alex, ['demo', 'answer:1']);
  expect(await table.people().keep('Looks fine', alex, ['demo', 'answer:1'])).toBe(digest);
  expect(await table.people().keep('Looks fine', alex, ['demo', 'answer:2'])).not.toBe(digest);
  const kept = [...table.items.values()].filter(({ part }) => String(part).startsWith('words#'));
  expect(kept).toHaveLength(2);
  for (const { salt, text, part } of kept) expect(part).toBe(`words#${sha256Hex(`${salt}${text}`)}`);
  expect(digest).not.toBe(sha256Hex('Looks fine'));
});

test('a text of somebody who was erased meanwhile is not kept with who they were', async () => {
  const table = inMemoryPeople();
  const warm = table.people();
  const before = await warm.refer(alex);
  table.items.clear();
  await warm.keep('One more', alex, ['demo', 'answer:1']);
  const owners = [...table.items.values()].filter(({ part }) => String(part).startsWith('words#'));
  expect(owners.map(({ id }) => id)).toEqual([await warm.refer(alex)]);
  expect(owners[0]?.id).not.toBe(before);
});

test('when others write all the time, it says so and the caller tries again', async () => {
  const table = inMemoryPeople(async () => {
    throw Object.assign(new Error('busy'), { name: 'TransactionConflictException' });
  });
  await expect(table.people().refer(alex)).rejects.toThrow('Try again');
});

test('references and digests take the place of people and words, wherever they stand', async () => {
  const table = inMemoryPeople();
  const known = table.people();
  const event: LedgerEvent = {
    tenant: 'demo',
    id: ['delegation.made', person(alex), '2026-01-01'],
    type: 'delegation.made',
    runId: 'none',
    actor: people([alex, 'dana']),
    at: '2026-01-01T00:00:00.000Z',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    data: { from: person(alex), deep: [{ reasonDigest: words('On leave', alex), n: 1 }], none: null },
  };
  const a = await known.refer(alex);
  const written = await withoutNames(event, known);
  expect(written).toMatchObject({
    id: `delegation.made:${a}:2026-01-01`,
    actor: `${a}+${await known.refer('dana')}`,
    data: { from: a, deep: [{ reasonDigest: expect.stringMatching(/^[0-9a-f]{64}$/), n: 1 }], none: null },
  });
  expect(await withoutNames(event, table.people())).toEqual(written);
  expect(JSON.stringify(written)).not.toMatch(/alex|dana|leave/i);
});
