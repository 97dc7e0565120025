import * as z from 'zod';
import { TransientError } from '../../shared/errors';
import type { CredentialStore } from '../credential-store';
import {
  CredentialChangedError,
  CredentialFormatError,
  CredentialNotFoundError,
  RotationInFlightError,
} from '../errors';
import type { Fields, KvEntries, Version } from './kv-entries';
import { currentOf, KvState, labelsOf, numberOf, settle } from './kv-state';

/** The folder of what belongs to rotation itself; nothing in it is a credential. */
export const ROTATION_FOLDER = '_rotation';
const MAX_CONFLICTS = 5;

const statePath = (id: string): string => `${ROTATION_FOLDER}/state/${id}`;

/** An entry and what stands beside it, settled. */
interface Seen {
  readonly newest: Version;
  readonly state: KvState;
  /** Whether that is what is written, too. */
  readonly isWritten: boolean;
  /** The version of the state's own entry; 0 where there is none. */
  readonly stateNumber: number;
}

const fieldsOf = (id: string, value: string): Fields => {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(value));
  } catch {
    // The reason would quote the value.
    throw new CredentialFormatError(
      `The next value of ${id} is no JSON object, and an entry of OpenBao holds fields. Nothing was changed.`,
    );
  }
};

/**
 * Credentials as entries of a KV engine, version 2, of OpenBao or Vault.
 *
 * Consumers read the newest version of the entry: that is what is current. Pending and previous values stand in an entry
 * beside it that consumers cannot read, and tags are the custom metadata. So a promotion is one write of one entry,
 * compared and set; what the versions are called is written ahead of it. A version that a person wrote is `kv-<number>`.
 * Of a value its fields are kept, not how its text was written.
 */
export const makeOpenBaoStore = (entries: KvEntries): CredentialStore => {
  /** The version that stands where the move that was written ahead would bring its own. */
  const followerOf = async (id: string, { move }: KvState, newest: Version) => {
    if (!move || newest.number <= move.onto) return undefined;
    if (newest.number === move.onto + 1) return newest;
    return (await entries.read(id, move.onto + 1)) ?? { fields: {} };
  };

  const look = async (id: string): Promise<Seen> => {
    const newest = await entries.read(id);
    if (!newest || id.startsWith(`${ROTATION_FOLDER}/`))
      throw new CredentialNotFoundError(`There is no secret at ${id}, or its newest version was deleted.`);
    const stored = await entries.read(statePath(id));
    const written = KvState.parse(stored?.fields ?? {});
    const state = settle(written, await followerOf(id, written, newest));
    return { newest, state, isWritten: state === written, stateNumber: stored?.number ?? 0 };
  };

  /** Writes what `change` makes of the state, seen anew as long as others write it too; nothing where it makes nothing. */
  const change = async (id: string, decide: (seen: Seen) => KvState | undefined): Promise<void> => {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const seen = await look(id);
      const state = decide(seen);
      if (!state) return;
      // Before the first value: versions of it that were replaced are to be gone.
      if (seen.stateNumber === 0) await entries.keepNewestOnly(statePath(id));
      if (await entries.write(statePath(id), state, seen.stateNumber)) return;
    }
    throw new TransientError(`Others write about ${id} at the same moment. Try again.`);
  };

  const fieldsAt = async (id: string, version: string, { newest, state }: Seen): Promise<Fields> => {
    if (version === currentOf(state, newest)) return newest.fields;
    const kept = [state.pending, state.previous].find((one) => one?.version === version);
    const number = numberOf(version);
    const fields =
      kept?.fields ?? (number === undefined ? undefined : (await entries.read(id, number))?.fields);
    if (fields) return fields;
    throw new CredentialNotFoundError(`The secret ${id} has no version ${version}, or it is gone.`);
  };

  return {
    async *list() {
      for await (const path of entries.below('')) {
        if (path.startsWith(`${ROTATION_FOLDER}/`)) continue;
        const tags = await entries.tags(path);
        if ('rotation-strategy' in tags) yield { id: path, tags };
      }
    },
    describe: async (id) => {
      const { newest, state } = await look(id);
      return { tags: newest.tags, labels: labelsOf(state, newest) };
    },
    currentSince: async (id) => (await look(id)).newest.writtenAt,
    read: async (id, version) => JSON.stringify(await fieldsAt(id, version, await look(id))),
    stage: async (id, version, value) => {
      const fields = fieldsOf(id, value);
      await change(id, ({ newest, state }) => {
        const { pending, current } = labelsOf(state, newest);
        if (version === pending || version === current) return undefined;
        if (pending !== undefined)
          throw new RotationInFlightError(`Another version of ${id} is pending: ${pending}.`);
        return { ...state, pending: { version, fields } };
      });
    },
    promote: async (id, { to, from }) => {
      const seen = await look(id);
      const { current } = labelsOf(seen.state, seen.newest);
      const fields = await fieldsAt(id, to, seen);
      const onto = seen.newest.number;
      if (current !== to) {
        if (current !== from)
          throw new CredentialChangedError(
            `The current version of ${id} is neither ${from} nor ${to}: somebody wrote another. Nothing was moved.`,
          );
        const move = { to, from, onto, fields, replaced: seen.newest.fields };
        await change(id, ({ newest, state }) => (newest.number === onto ? { ...state, move } : undefined));
        if (!(await entries.write(id, fields, onto))) {
          const now = await look(id);
          if (currentOf(now.state, now.newest) !== to)
            throw new CredentialChangedError(
              `Somebody wrote another version of ${id} at the same moment. Nothing was moved.`,
            );
        }
      }
      // What follows from the move is written down, so that the next one has room.
      await change(id, ({ state, isWritten }) => (isWritten ? undefined : state));
    },
    dropPending: (id, version) =>
      change(id, ({ state: { pending, ...others } }) => (pending?.version === version ? others : undefined)),
    dropPrevious: async (id, version) => {
      const { state } = await look(id);
      if (state.previous?.version !== version) return;
      await entries.destroy(id, state.previous.number);
      await change(id, ({ state: { previous, ...others } }) =>
        previous?.version === version ? others : undefined,
      );
    },
  };
};
