import type { Change } from './change';

/** Where the apply of a change leaves that it began (`.started.json`) and its result (`.json`), whichever run does it. */
export const applyPrefix = ({ id, runId }: Pick<Change, 'id' | 'runId'>): string =>
  `runs/${runId}/results/apply-${id.slice(-8)}`;
