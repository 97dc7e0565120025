import { addressFor, type Visitor } from '../identity/visitor';
import type { PlanGroup } from '../shared/plan-document';

/** Lists of a change that may be long. */
export const partNames = ['hosts', 'variables', 'parameters', 'script'] as const;
export type PartName = (typeof partNames)[number];

/** Addresses of the parts of a change that have pages of their own, as seen from the page that links to them. */
export interface ChangeLinks {
  /** A page of a group of the plan, from 1. */
  readonly group: (group: PlanGroup, page: number) => string;
  /** A page of what is done on a host, from 1. */
  readonly host: (name: string, page?: number) => string;
  /** A page of something that is long, from 1. */
  readonly part: (part: PartName, page: number) => string;
}

/** Every part asks who is looking as the whole does. */
export const changeLinks = (base: string, visitor: Pick<Visitor, 'query'>): ChangeLinks => ({
  group: (group, page) => addressFor(visitor, base, { group, page: String(page) }),
  host: (name, page = 1) => addressFor(visitor, base, { host: name, page: String(page) }),
  part: (part, page) => addressFor(visitor, base, { part, page: String(page) }),
});
