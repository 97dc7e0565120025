import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { InvalidInputError, TransientError } from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import { claim, everyTenant, people, person, words } from '../shared/ledger-event';
import type { People, PersonRef } from '../shared/people';
import { plainText } from '../shared/plain-text';
import { traceparentOrNew } from '../shared/trace-context';
import type { PersonalDataInput, PersonalDataOutput } from './contract';
import type { KnownPeople } from './known-people';
import type { Found, Source } from './source';
import type { Who } from './who';

interface Deps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  /** In the order in which they are read. */
  readonly sources: readonly Source[];
  /** What refers to these, and stays. */
  readonly ledgerSource: (references: readonly PersonRef[]) => Source;
  readonly known: KnownPeople;
  readonly people: People;
  readonly ledger: Ledger;
  readonly now: () => Date;
}

/** A call ends after so long or so much, and tells where the next goes on. */
const longestMs = 20_000;
const mostFound = 200;
const pageItems = 500;

type Cursor = PersonalDataOutput['next'];

/** @throws TransientError when somebody else changed the same at the same moment. */
const erase = async (found: Found): Promise<void> => {
  try {
    await found.erase?.();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
    throw new TransientError(`${found.key} changed at the same moment. Ask again: what is erased stays so.`);
  }
};

/**
 * Tells what is held of a person, or erases it: in every table their names give way to the ledger's reference, their
 * texts to nothing; last of all nobody knows any more whose reference that was. Entries of the ledger stay as they are.
 * What a crash leaves is done by asking again.
 *
 * @throws InvalidInputError when something still needs to know who they are; nothing of that page was changed.
 */
export const makePersonalData = (deps: Deps) => {
  const finish = async (
    input: Extract<PersonalDataInput, { action: 'erase' }>,
    also: readonly string[],
  ): Promise<void> => {
    await deps.ledger.append({
      tenant: everyTenant,
      id: ['person.erased', person(input.person)],
      type: 'person.erased',
      runId: 'none',
      actor: claim(plainText(input.by, 128)),
      at: deps.now().toISOString(),
      traceparent: traceparentOrNew(undefined),
      data: {
        person: person(input.person),
        people: people(also),
        reasonDigest: words(plainText(input.reason, 500), plainText(input.by, 128)),
      },
    });
    for (const identity of [...also, input.person]) await deps.known.forget(identity);
  };

  return async (input: PersonalDataInput): Promise<PersonalDataOutput> => {
    const erasing = input.action === 'erase';
    const until = deps.now().getTime() + longestMs;
    const also = new Set(input.also);
    const found: PersonalDataOutput['found'] = [];
    const hindrances: string[] = [];
    // What names them by a reference is named by the same from the first table to the last.
    const reference = erasing
      ? await deps.people.refer(input.person)
      : ((await deps.known.find(input.person)) ?? 'person:none');
    for (const name of await deps.known.remembered(reference)) also.add(name);
    const referencesNow = async (): Promise<PersonRef[]> => {
      const all = await Promise.all([input.person, ...also].map(deps.known.find));
      return all.filter((one) => one !== undefined);
    };

    /** One page of a source; returns where the next begins. */
    const turn = async (source: Source, after: unknown): Promise<unknown> => {
      const { Items = [], LastEvaluatedKey } = await deps.client.send(
        new ScanCommand({
          TableName: source.table,
          ConsistentRead: true,
          Limit: pageItems,
          ...source.projection,
          ...(after !== null && { ExclusiveStartKey: after as Record<string, unknown> }),
        }),
      );
      const who: Who = { identities: [input.person, ...also], reference };
      const page = Items.flatMap((item) => source.find(item, who));
      const hindered = page.flatMap(({ hindrance }) => (hindrance === undefined ? [] : [hindrance]));
      if (erasing && hindered.length > 0)
        throw new InvalidInputError(`${input.person} cannot be erased yet. ${hindered.join(' ')}`);
      hindrances.push(...hindered);
      const names = page.flatMap((one) => one.also ?? []).filter((name) => !also.has(name));
      if (erasing && names.length > 0) await deps.known.remember(reference, names);
      for (const name of names) also.add(name);
      for (const one of page) {
        found.push({ where: source.name, key: one.key, data: JSON.parse(JSON.stringify(one.data)) });
        if (erasing) await erase(one);
      }
      return LastEvaluatedKey ?? null;
    };

    const ledger = async (): Promise<Source> => deps.ledgerSource(await referencesNow());
    const names = [...deps.sources.map(({ name }) => name), 'ledger'];
    let cursor: Cursor = input.from ?? { source: names[0] ?? '', after: null };
    while (cursor) {
      const { source: name, after }: NonNullable<Cursor> = cursor;
      const source = name === 'ledger' ? await ledger() : deps.sources.find((one) => one.name === name);
      if (!source) throw new InvalidInputError('That is no place to go on from: begin again.');
      const next = await turn(source, after);
      const following = names[names.indexOf(name) + 1];
      cursor =
        next !== null
          ? { source: name, after: next as NonNullable<Cursor>['after'] }
          : following === undefined
            ? null
            : { source: following, after: null };
      if (cursor && (found.length >= mostFound || deps.now().getTime() >= until))
        return { found, hindrances, also: [...also], next: cursor };
    }
    for (const one of await referencesNow()) found.push(...(await deps.known.list(one)));
    if (erasing) await finish(input, [...also]);
    return { found, hindrances, also: [...also], next: null };
  };
};
