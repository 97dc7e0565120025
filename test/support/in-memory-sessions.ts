import type { Session, SessionStore } from '../../lambdas/identity/session-store';

export const inMemorySessions = (): SessionStore & { readonly all: Map<string, Session> } => {
  const all = new Map<string, Session>();
  return {
    all,
    find: async (sessionHash) => all.get(sessionHash),
    create: async (created) => {
      if (all.has(created.sessionHash)) throw new Error('there is such a session already');
      all.set(created.sessionHash, created);
    },
    remove: async (sessionHash) => {
      all.delete(sessionHash);
    },
  };
};
