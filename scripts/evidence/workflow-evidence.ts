import type { Outcome } from '../../lambdas/shared/contract';
import type { JsonValue } from '../../lambdas/shared/ledger-event';
import type { Moment } from './kill-worker';
import type { Lab } from './lab';

export type Json = Readonly<Record<string, JsonValue>>;

/** Where one attempt happens. */
export interface Place {
  /** `<tenant>/<name>` */
  readonly workspace: string;
  /** The workspace's name alone, free for a host of it. */
  readonly name: string;
  /** Tells attempts from each other: the scenario's name and a number. */
  readonly attempt: string;
}

/** What the evidence needs to know of one workflow: one file each in `workflows/`. */
export interface WorkflowEvidence {
  readonly workflow: string;
  /** How a whole run ends. */
  readonly outcome: Outcome;
  /** Whether it asks people. */
  readonly asks: boolean;
  /** `fresh`: each attempt has a workspace of its own. `lane`: attempts follow each other in a few workspaces. */
  readonly places: 'fresh' | 'lane';
  /** Brings a workspace to where a run of it can begin. Not part of what is measured. */
  readonly prepare?: (lab: Lab, place: Place) => Promise<void>;
  /** Its input, without reason and times. */
  readonly input: (place: Place, lab: Lab) => Json | Promise<Json>;
  /** How a second run with the same input, or one that says the same where that does not, ends: with an outcome, or an error's name. */
  readonly again: ({ readonly outcome: Outcome } | { readonly error: string }) & {
    readonly input?: WorkflowEvidence['input'];
  };
  /** What becomes of a second run that is started in the same workspace meanwhile. */
  readonly meanwhile: 'refused' | 'runs';
  /** An input with which a tool fails. */
  readonly failure?: {
    readonly what: string;
    readonly input: (place: Place, lab: Lab) => Json | Promise<Json>;
    readonly error: string;
    /** Makes the place such that the tool fails there. */
    readonly prepare?: (lab: Lab, place: Place) => Promise<void>;
    /** Makes the place good again, and holds that nothing was harmed meanwhile. */
    readonly restore?: (lab: Lab, place: Place) => Promise<void>;
    /** Whether somebody has to log in to the place's machines. @default false */
    readonly isByHand?: boolean;
  };
  /** When its worker is killed. */
  readonly killDuring?: Moment;
  /** Whether a run that failed is continued with `resume`; otherwise it is started again. @default false */
  readonly isResumable?: boolean;
}
