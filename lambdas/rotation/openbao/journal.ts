import { JournalConflictError } from '../errors';
import { CredentialRecord, type Journal } from '../journal';
import type { KvEntries } from './kv-entries';
import { ROTATION_FOLDER } from './store';

const FOLDER = `${ROTATION_FOLDER}/journal`;

/** The records of credentials, each an entry of the KV engine that holds them; its version counts the writes. */
export const makeOpenBaoJournal = (entries: KvEntries): Journal => {
  const read: Journal['read'] = async (id) => {
    const entry = await entries.read(`${FOLDER}/${id}`);
    return entry && CredentialRecord.parse({ ...entry.fields, revision: entry.number });
  };
  return {
    read,
    write: async (record) => {
      const revision = await entries.write(`${FOLDER}/${record.id}`, record, record.revision);
      if (revision === undefined)
        throw new JournalConflictError(`The record of ${record.id} was written by somebody else.`);
      return { ...record, revision };
    },
    async *list() {
      for await (const path of entries.below(FOLDER)) {
        const record = await read(path.slice(FOLDER.length + 1));
        if (record) yield record;
      }
    },
  };
};
