import type { Fact } from './facts';
import type { Term } from './term';

/** What a block leaves to its callers: approval of a change that stands in its input, where these facts do not say otherwise. */
export interface Requirement {
  readonly change: Term;
  readonly facts: readonly Fact[];
}

/** What callers mind of a block. */
export interface Summary {
  readonly requirements: readonly Requirement[];
  readonly timeoutSeconds: number;
}

/** What a definition turns out to be, state by state. */
export interface Findings {
  /** The first path on which it was found, when it is one of a path. */
  readonly add: (state: string, what: string, path?: string) => void;
  readonly require: (requirement: Requirement) => void;
}

/** The file that is looked at, and those around it. */
export interface Machine extends Findings {
  /** The file without its ending. */
  readonly name: string;
  readonly isRun: boolean;
  readonly blocks: (name: string) => Summary | undefined;
  /** How many circumstances are looked at before a file is called too involved. */
  readonly budget: { left: number };
}
