import { type Person, seatsOf } from '../approval-rules/people';
import { addressFor, type Identify, type Visitor } from '../identity/visitor';
import type { ApprovalLists, ListedApprovals } from '../shared/approval-lists';
import type { FindDelegations } from '../shared/delegation-store';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { failedPage } from './failed-page';
import { type ListName, listNames, listPage, listsPage } from './lists-page';
import { messagePage } from './page';

/** Ports that read; there is none that writes. */
export interface ShowListsDeps {
  readonly lists: ApprovalLists;
  readonly identify: Identify;
  readonly findDelegations: FindDelegations;
  readonly now: () => Date;
}

/** Approvals of one list on a page of its own, and of each on the page of all. */
const pageSize = 20;
const sectionSize = 10;

/** Groups whose people see whatever waits, also where they cannot answer. */
const overseers = ['auditor', 'admin', 'break-glass'];

/** A list is of many requests: who asked is looked at in each. */
const nobody = { id: null, verified: false };

/** A time and an id, as a list says where it goes on. */
const afterPattern = /^\d{4}-\d{2}-\d{2}T[\d:.]{8,12}Z#[A-Za-z0-9_-]{1,128}$/;

const place = ({ query: { list, after } }: HttpRequest): Record<string, string> => ({
  ...(list !== undefined && { list }),
  ...(after !== undefined && { after }),
});

/** Shows what waits for somebody, what they asked for, and what was decided. */
export const makeShowLists = (deps: ShowListsDeps) => {
  /** For somebody and those whom they answer for. */
  const read = (
    name: ListName,
    [person, ...others]: readonly [Person, ...Person[]],
    size: number,
    after?: string,
  ): Promise<ListedApprovals> => {
    const stretch = { after, size };
    if (name === 'asked') return deps.lists.askedBy(person.id, stretch);
    if (name === 'ended') return deps.lists.ended(deps.now(), stretch);
    const all = person.groups.some((group) => overseers.includes(group));
    const groups = [person, ...others].flatMap((seat) => seat.groups);
    return deps.lists.waiting(all ? 'all' : [...new Set(groups)], deps.now(), stretch);
  };

  const show = async ({ query }: HttpRequest, visitor: Visitor): Promise<HttpResponse> => {
    const now = deps.now();
    const delegations = await deps.findDelegations();
    const onlooker = { visitor, delegations, now };
    const seats = seatsOf(visitor.person, delegations, nobody, now);
    if (query.list === undefined) {
      const [waiting, asked, ended] = await Promise.all([
        read('waiting', seats, sectionSize),
        read('asked', seats, sectionSize),
        read('ended', seats, sectionSize),
      ]);
      return listsPage({ waiting, asked, ended }, onlooker);
    }
    const name = listNames.find((one) => one === query.list);
    if (!name || (query.after !== undefined && !afterPattern.test(query.after)))
      return messagePage(404, 'There is no such list', ['Open “My approvals” and follow its links.']);
    return listPage(name, await read(name, seats, pageSize, query.after), onlooker);
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return messagePage(405, 'This page can only be opened', ['Nothing was decided.'], {
        Allow: 'GET, HEAD',
      });
    try {
      const who = await deps.identify(request, {
        to: addressFor({ query: {} }, 'approvals', place(request)),
      });
      return 'turnedAway' in who ? who.turnedAway : await show(request, who.visitor);
    } catch (error) {
      return failedPage('the approvals could not be listed', error);
    }
  };
};
