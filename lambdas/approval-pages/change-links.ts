import { addressFor, type Visitor } from '../identity/visitor';
import type { PlanGroup } from '../shared/plan-document';

/** Addresses of the parts of a change that have pages of their own, as seen from the page that links to them. */
export interface ChangeLinks {
  /** A page of a group of the plan, from 1. */
  readonly group: (group: PlanGroup, page: number) => string;
  readonly host: (name: string) => string;
}

/** Every part asks who is looking as the whole does. */
export const changeLinks = (base: string, visitor: Pick<Visitor, 'query'>): ChangeLinks => ({
  group: (group, page) => addressFor(visitor, base, { group, page: String(page) }),
  host: (name) => addressFor(visitor, base, { host: name }),
});
