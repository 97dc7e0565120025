import type { Person } from '../approval-rules/people';
import type { ApprovalView } from '../shared/approval-reader';
import type { HttpRequest, HttpResponse } from '../shared/http';

/** Somebody who is known, for one request. */
export interface Visitor {
  /** As they are now, groups included. */
  readonly person: Person;
  /** What their forms are bound to, so that nobody else's fits. */
  readonly binding: string;
  /** What addresses carry to know them again: the key of a personal link, or nothing. */
  readonly query: Readonly<Record<string, string>>;
  /** Sent with every answer to them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is asked for, and what was sent along. */
export interface Visit {
  /** The page, as an address below the public one: where somebody comes back to who has to sign in first. */
  readonly to: string;
  /** Left out where the page is about no single one. */
  readonly approval?: ApprovalView | undefined;
  /** The secret part of a personal link. */
  readonly key?: string | undefined;
  /** What somebody typed into a form: not lost when they are turned away. */
  readonly comment?: string;
}

/** Tells who is looking, or what to answer to somebody who is not known. Reads only. */
export type Identify = (
  request: HttpRequest,
  visit: Visit,
) => Promise<{ readonly visitor: Visitor } | { readonly turnedAway: HttpResponse }>;

/** An address at which the visitor is known again. */
export const addressFor = (
  { query }: Pick<Visitor, 'query'>,
  path: string,
  more: Readonly<Record<string, string>> = {},
): string => {
  const text = new URLSearchParams({ ...query, ...more }).toString();
  return text === '' ? path : `${path}?${text}`;
};
