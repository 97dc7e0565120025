import type { CredentialStore } from '../rotation/credential-store';
import { fractionOf } from '../rotation/due';
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
    const leftOver = [...records.values()]
      .filter(isLeftOver)
      .map(({ id }) => id)
      .filter((id) => isWithin(scope, id));
    const known = credentials ?? [...(await gathered(store.list())), ...leftOver];
    const items: RotationItem[] = [...new Set(known)]
      .filter((id) => force || !canWait(records.get(id), now()))
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
