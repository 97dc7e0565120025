import { type GithubRun, type GithubStore, stages } from '../../lambdas/shared/github-store';

export const inMemoryGithubStore = (): GithubStore & {
  answers: Map<string, string>;
  runs: Map<string, GithubRun>;
} => {
  const answers = new Map<string, string>();
  const runs = new Map<string, GithubRun>();
  const change = (runId: string, fits: (run: GithubRun) => boolean, next: Partial<GithubRun>): boolean => {
    const run = runs.get(runId);
    if (!run || !fits(run)) return false;
    runs.set(runId, { ...run, ...next });
    return true;
  };
  const last = stages.length - 1;
  return {
    answers,
    runs,
    answerTo: async (digest) => answers.get(digest),
    keepAnswer: async (digest, answer) => {
      if (!answers.has(digest)) answers.set(digest, answer);
      return answers.get(digest) ?? answer;
    },
    ask: async (run) => {
      if (!runs.has(run.runId))
        runs.set(run.runId, { ...run, id: `run#${run.runId}`, rank: 0, told: 0, open: '1' });
    },
    find: async (runId) => runs.get(runId),
    advance: async (runId, stage, report) =>
      change(runId, ({ rank }) => rank < stages.indexOf(stage), { rank: stages.indexOf(stage), report }),
    setTold: async (runId, told) =>
      change(runId, ({ rank }) => rank === told, {
        told,
        ...(told === last && { open: undefined }),
      } as Partial<GithubRun>),
    listOpen: async () => [...runs.values()].filter(({ open }) => open).map(({ runId }) => runId),
  };
};
