import { JournalConflictError } from '../../lambdas/rotation/errors';
import { CredentialRecord, type Journal } from '../../lambdas/rotation/journal';

export const inMemoryJournal = (): Journal & { readonly records: Map<string, CredentialRecord> } => {
  const records = new Map<string, CredentialRecord>();
  return {
    records,
    read: async (id) => records.get(id),
    write: async (record) => {
      if ((records.get(record.id)?.revision ?? 0) !== record.revision)
        throw new JournalConflictError('written by somebody else');
      const next = CredentialRecord.parse({ ...record, revision: record.revision + 1 });
      records.set(record.id, next);
      return next;
    },
    list: async function* () {
      yield* records.values();
    },
  };
};
