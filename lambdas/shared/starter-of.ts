import type { Person, Starter } from '../approval-rules/people';
import type { RunRecord } from './run-record';

/** Whoever sent the start of a run first, as a person; `undefined` while nobody is known. */
export const firstStarter = ({ startedBy = {} }: Pick<RunRecord, 'startedBy'>): Person | undefined => {
  const [first] = Object.values(startedBy).sort(
    (one, other) => one.at.localeCompare(other.at) || one.person.localeCompare(other.person),
  );
  return first && { id: first.person, groups: first.groups };
};

/**
 * Who asked for what a run does. Step Functions answers a repeated start like the first, so that several people can
 * have sent it: all of them asked, and so did whom the input names.
 */
export const starterOf = (run: Pick<RunRecord, 'startedBy'> | undefined, claim: string | null): Starter => {
  const first = run && firstStarter(run);
  if (!first) return { id: claim, verified: false };
  // A function of ours claims `github:octocat` for whom it has identified as `github/octocat`.
  const isSame = claim !== null && Object.hasOwn(run.startedBy ?? {}, claim.replace(':', '/'));
  const others = [...Object.values(run.startedBy ?? {}).map(({ person }) => person), isSame ? null : claim];
  const alsoAsked = [...new Set(others.filter((id) => id !== null && id !== first.id))].sort();
  return { id: first.id, verified: true, alsoAsked: alsoAsked as string[] };
};

/** Who asked, on one line. The names are others' text. */
export const starterText = ({ id, verified, alsoAsked = [] }: Starter): string => {
  if (!verified) return id === null ? 'not said' : `${id} (unverified)`;
  return alsoAsked.length === 0 ? `${id} (verified)` : `${id} (verified), also ${alsoAsked.join(', ')}`;
};
