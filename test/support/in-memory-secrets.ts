import type { SecretStore, StoredSecret } from '../../lambdas/runners/secret-store';

/** Secrets of workspaces, with what was done to them. */
export const inMemorySecrets = (
  given: Readonly<Record<string, StoredSecret>> = {},
): SecretStore & { readonly stored: Map<string, StoredSecret>; readonly done: string[] } => {
  const stored = new Map(Object.entries(given));
  const done: string[] = [];
  return {
    stored,
    done,
    find: async (id) => stored.get(id),
    create: async (id, value, tags) => {
      done.push(`create ${id}`);
      stored.set(id, { value, tags });
    },
    update: async (id, { value: before }, value, tags) => {
      if (before !== value) done.push(`update ${id}`);
      stored.set(id, { value, tags });
    },
  };
};
