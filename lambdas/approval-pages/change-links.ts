import type { PlanGroup } from '../shared/plan-document';

/** Addresses of the parts of a change that have pages of their own, as seen from the page that links to them. */
export interface ChangeLinks {
  /** A page of a group of the plan, from 1. */
  readonly group: (group: PlanGroup, page: number) => string;
  readonly host: (name: string) => string;
}

/** Every part is behind the same personal link as the whole: the key goes along, and no other page is told it. */
export const changeLinks = (base: string, key: string): ChangeLinks => ({
  group: (group, page) => `${base}?${new URLSearchParams({ key, group, page: String(page) })}`,
  host: (name) => `${base}?${new URLSearchParams({ key, host: name })}`,
});
