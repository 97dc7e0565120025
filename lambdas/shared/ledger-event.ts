import type { People } from './people';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Somebody, by whatever they are known. The ledger puts a reference in their place. */
export class PersonMark {
  constructor(
    readonly identity: string,
    /** Said of somebody, verified by nobody. */
    readonly isClaim = false,
  ) {}
}

/** What somebody wrote. The ledger puts a salted digest in its place. */
export class WordsMark {
  constructor(
    readonly text: string,
    /** The identity of whoever wrote it, or is written about. */
    readonly by: string,
  ) {}
}

export const person = (identity: string): PersonMark => new PersonMark(identity);
export const people = (identities: readonly string[]): PersonMark[] => identities.map(person);
/** Whom somebody says that it was. */
export const claim = (identity: string): PersonMark => new PersonMark(identity, true);
export const words = (text: string, by: string): WordsMark => new WordsMark(text, by);

/** Parts of the product that act by themselves. */
type Part =
  | 'assess-compliance'
  | 'assess-drift'
  | 'lock-doctor'
  | 'orchestrator'
  | 'record-starter'
  | 'request-approval'
  | 'rotate-secret'
  | 'send-callback'
  | 'tend-approvals'
  | 'tend-time-to-live'
  | 'watch-credentials';

/** Who did it: a part of the product, people, or nobody knows who. */
export type Actor = Part | 'unverified' | `run:${string}` | PersonMark | readonly PersonMark[];

type EventValue =
  | string
  | number
  | boolean
  | null
  | PersonMark
  | WordsMark
  | readonly EventValue[]
  | { readonly [name: string]: EventValue };

/** What names people or holds what they wrote, wherever it is told: never a text. */
interface PersonalData {
  readonly answersFor?: readonly PersonMark[];
  readonly approvers?: readonly PersonMark[];
  readonly becauseDigest?: WordsMark;
  readonly by?: readonly PersonMark[];
  readonly claimed?: PersonMark | null;
  readonly commentDigest?: WordsMark | null;
  readonly delegate?: PersonMark;
  readonly from?: PersonMark;
  readonly people?: readonly PersonMark[];
  readonly person?: PersonMark;
  readonly principal?: PersonMark;
  readonly reasonDigest?: WordsMark;
  readonly startedBy?: PersonMark | null;
  readonly unreachable?: readonly PersonMark[];
}
export type EventData = Readonly<Record<string, EventValue>> & PersonalData;

/** The chain that records what concerns every tenant. */
export const everyTenant = 'all';

interface EventFrame {
  readonly tenant: string;
  /** `noun.verb`, e.g. `decision.made`. */
  readonly type: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly traceparent: string;
}

/**
 * What happened, told once. Never a secret, never a plan body: digests and references only. Who names people or quotes
 * them marks it, since an entry cannot be changed once somebody is to be forgotten.
 */
export interface LedgerEvent extends EventFrame {
  /**
   * Idempotency key within the tenant: a second append of the same id changes nothing. Parts are joined by `:`; it
   * becomes a field of the entry, so that people in it are marked as well.
   */
  readonly id: string | readonly (string | PersonMark)[];
  readonly actor: Actor;
  readonly data: EventData;
}

/** An event as it is chained: with references and digests in the place of people and their words. */
export interface WrittenEvent extends EventFrame {
  readonly id: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, JsonValue>>;
}

/** An event that names nobody: what appends nothing else needs to know nothing of people. */
export interface ImpersonalEvent extends WrittenEvent {
  readonly actor: Part | 'unverified' | `run:${string}`;
  readonly data: Readonly<Record<string, JsonValue>> & { readonly [K in keyof PersonalData]?: never };
}

const isMany = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Puts references and digests in the place of people and their words. */
export const withoutNames = async (event: LedgerEvent, known: People): Promise<WrittenEvent> => {
  const refer = async ({ identity, isClaim }: PersonMark): Promise<string> => {
    const reference = await known.refer(identity);
    return isClaim ? `unverified:${reference}` : reference;
  };
  const textOf = async (part: string | PersonMark): Promise<string> =>
    typeof part === 'string' ? part : refer(part);
  const joined = async (parts: readonly (string | PersonMark)[], by: string): Promise<string> => {
    const texts: string[] = [];
    for (const part of parts) texts.push(await textOf(part));
    return texts.join(by);
  };
  const { tenant } = event;
  const id = isMany(event.id) ? await joined(event.id, ':') : event.id;
  const written = async (value: EventValue, path: readonly string[]): Promise<JsonValue> => {
    if (value instanceof PersonMark) return refer(value);
    if (value instanceof WordsMark) return known.keep(value.text, value.by, [tenant, id, ...path]);
    if (isMany(value)) {
      const values: JsonValue[] = [];
      for (const [index, one] of value.entries()) values.push(await written(one, [...path, String(index)]));
      return values;
    }
    return typeof value === 'object' && value !== null ? fieldsOf(value, path) : value;
  };
  const fieldsOf = async (
    fields: { readonly [name: string]: EventValue },
    path: readonly string[],
  ): Promise<Record<string, JsonValue>> => {
    const all: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(fields)) all[name] = await written(value, [...path, name]);
    return all;
  };
  const actor = isMany(event.actor) ? await joined(event.actor, '+') : await textOf(event.actor);
  return { ...event, id, actor, data: await fieldsOf(event.data, []) };
};
