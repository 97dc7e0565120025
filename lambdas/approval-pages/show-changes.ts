import { addressFor, type Identify } from '../identity/visitor';
import type { FindApproval } from '../shared/approval-reader';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { approvalIdPattern } from '../shared/names';
import { planGroup } from '../shared/plan-document';
import { changeLinks, partNames } from './change-links';
import type { WholeChange } from './change-view';
import { type ChangesContext, groupPage, hostPage, partPage } from './changes-page';
import { failedPage } from './failed-page';
import type { LoadChange, ReadPlanPage } from './load-change';
import { messagePage, wrongLinkPage } from './page';

/** Ports that read; as with the page of the whole change, there is none that writes. */
export interface ShowChangesDeps {
  readonly findApproval: FindApproval;
  readonly loadChange: LoadChange;
  readonly identify: Identify;
  readonly readPlanPage: ReadPlanPage;
}

const noSuchPart = (): HttpResponse =>
  messagePage(404, 'This change has no such page', [
    'Go back to the page of the whole change and follow its links. Nothing was decided.',
  ]);

const showGroup = async (
  deps: ShowChangesDeps,
  context: ChangesContext,
  { change, plan }: WholeChange,
  wanted: string | undefined,
  number: number,
): Promise<HttpResponse | undefined> => {
  const name = planGroup.safeParse(wanted);
  const group = plan?.groups.find((one) => one.group === name.data);
  if (!group || !change.plan) return undefined;
  if ('page' in group.content)
    return number === 1 ? groupPage(context, group, 1, group.content.page) : undefined;
  const ref = group.content.pages[number - 1];
  return ref && groupPage(context, group, number, await deps.readPlanPage(change.plan.document, ref));
};

/** The page that is asked for, if there is one. */
const showPart = async (
  deps: ShowChangesDeps,
  context: ChangesContext,
  whole: WholeChange,
  query: HttpRequest['query'],
): Promise<HttpResponse | undefined> => {
  if (!/^[1-9]\d{0,5}$/.test(query.page ?? '')) return undefined;
  const number = Number(query.page);
  if (query.part !== undefined) {
    const part = partNames.find((name) => name === query.part);
    return part && partPage(context, whole, part, number);
  }
  if (query.host === undefined) return showGroup(deps, context, whole, query.group, number);
  const host = whole.play?.hosts.find(({ name }) => name === query.host);
  return host && hostPage(context, host, number);
};

const partAddress = ({ pathId, query }: HttpRequest): string =>
  addressFor(
    { query: {} },
    `approvals/${pathId}/changes`,
    Object.fromEntries(
      ['group', 'part', 'host', 'page'].flatMap((name) =>
        query[name] === undefined ? [] : [[name, query[name]]],
      ),
    ),
  );

/** Shows one part of a change that is too large for one page, to somebody who is known. */
export const makeShowChanges =
  (deps: ShowChangesDeps) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const { method, pathId, query } = request;
    if (method !== 'GET' && method !== 'HEAD')
      return messagePage(405, 'This page can only be opened', ['Nothing was decided.'], {
        Allow: 'GET, HEAD',
      });
    try {
      const approval = approvalIdPattern.test(pathId) ? await deps.findApproval(pathId) : undefined;
      const who = await deps.identify(request, {
        approval,
        to: partAddress(request),
        key: query.key,
      });
      if ('turnedAway' in who) return who.turnedAway;
      if (!approval) return wrongLinkPage();
      const { visitor } = who;
      const whole = await deps.loadChange(approval.change);
      const context = {
        approval,
        links: changeLinks('changes', visitor),
        back: addressFor(visitor, `../${approval.approvalId}`),
        headers: visitor.headers,
      };
      return (await showPart(deps, context, whole, query)) ?? noSuchPart();
    } catch (error) {
      return failedPage('a part of a change could not be shown', error);
    }
  };
