import { isDeepStrictEqual } from 'node:util';
import { credentialOf } from '../rotation/credential';
import type { CredentialStore, Tags } from '../rotation/credential-store';
import { fractionOf } from '../rotation/due';
import { CredentialTagsError } from '../rotation/errors';
import type { CredentialRecord, Journal } from '../rotation/journal';
import { isWithin, requireWithin, type Scope } from '../rotation/scope';
import type { Artifacts } from '../runners/artifacts';
import { canonicalJson } from '../shared/digest';
import type { ListCredentialsInput, ListCredentialsOutput, RotationItem } from './contract';

interface Deps {
  readonly store: Pick<CredentialStore, 'list'>;
  readonly journal: Pick<Journal, 'list'>;
  readonly artifacts: Pick<Artifacts, 'put'>;
  readonly scope: Scope;
  readonly now: () => Date;
}

const gathered = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
};

const dayMs = 86_400_000;

/** Whether a moment is to come. One that is further off than it ever can be was written by a clock that jumped. */
const isAhead = (moment: string | undefined, mostMs: number, now: Date): boolean => {
  const left = Date.parse(moment ?? '') - now.getTime();
  return left > 0 && left <= mostMs;
};

/** Nothing is to do for it now, as far as its record tells; whose record is missing is looked at. */
const canWait = (record: CredentialRecord | undefined, now: Date): boolean =>
  record?.rotation
    ? isAhead(record.rotation.drainUntil, (record.overlapSeconds ?? 0) * 1000, now)
    : isAhead(record?.nextDueAt, (record?.days ?? 0) * dayMs, now);

/** Whether a record still says what the tags do: by a shorter period it may be due. */
const isUpToDate = (record: CredentialRecord | undefined, tags: Tags): boolean => {
  if (!record || record.rotation) return true;
  const { id, strategy, days, owner, consumers, overlapSeconds } = record;
  const recorded = { id, strategy, days, owner, consumers, overlapSeconds };
  try {
    return isDeepStrictEqual(credentialOf(id, tags), recorded);
  } catch (error) {
    if (error instanceof CredentialTagsError) return false;
    throw error;
  }
};

/** Looked at although it is not listed any more: a secret that is gone is let go, one that lost its tags is told. */
const isLeftOver = ({ rotation, nextDueAt }: CredentialRecord): boolean =>
  rotation !== undefined || nextDueAt !== undefined;

/**
 * Lists what is to be rotated, or finished, in this run. The share of the spread that each waits is its own, so that a
 * thousand that are due at once do not begin at once.
 *
 * @throws InvalidInputError where a named credential is none of this environment's.
 */
export const makeListCredentials =
  ({ store, journal, artifacts, scope, now }: Deps) =>
  async ({
    run: { runId },
    credentials,
    force,
    spreadSeconds,
  }: ListCredentialsInput): Promise<ListCredentialsOutput> => {
    requireWithin(scope, credentials ?? []);
    const records = new Map((await gathered(journal.list())).map((record) => [record.id, record]));
    const leftOver = [...records.values()].filter(
      (record) => isLeftOver(record) && isWithin(scope, record.id),
    );
    const known: readonly { readonly id: string; readonly tags?: Tags }[] = credentials?.map((id) => ({
      id,
    })) ?? [...(await gathered(store.list())), ...leftOver];
    const isToDo = ({ id, tags }: (typeof known)[number]): boolean => {
      const record = records.get(id);
      return force || !canWait(record, now()) || (tags !== undefined && !isUpToDate(record, tags));
    };
    const items: RotationItem[] = [...new Set(known.filter(isToDo).map(({ id }) => id))]
      .sort()
      .map((credential) => ({
        credential,
        delaySeconds: Math.floor(fractionOf(`${runId} ${credential}`) * spreadSeconds),
        force,
      }));
    const document = await artifacts.put(
      `runs/${runId}/credentials.json`,
      canonicalJson(items),
      'application/json',
    );
    return { document, count: items.length };
  };
