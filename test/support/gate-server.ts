import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoadChange, ReadPlanPage } from '../../lambdas/approval-pages/load-change';
import { makeShowApproval } from '../../lambdas/approval-pages/show-approval';
import { makeShowChanges } from '../../lambdas/approval-pages/show-changes';
import { makeShowLists } from '../../lambdas/approval-pages/show-lists';
import type { Person } from '../../lambdas/approval-rules/people';
import { makeDecideApproval } from '../../lambdas/decide-approval/decide-approval';
import { makeIdentifyByLink } from '../../lambdas/identity/by-link';
import type { Identify } from '../../lambdas/identity/visitor';
import { type ApprovalLists, makeApprovalLists } from '../../lambdas/shared/approval-lists';
import { toProxyResult } from '../../lambdas/shared/http';
import type { FindRun } from '../../lambdas/shared/run-reader';
import type { inMemoryApprovals } from './gate';
import { inMemoryTable } from './in-memory-table';
import { recordingLedger } from './recording-ledger';

/** As a session tells who is looking: nothing of them stands in an address. */
const identifyAs =
  (person: Person): Identify =>
  async () => ({ visitor: { person, binding: `session of ${person.id}`, query: {}, headers: {} } });

/** The pages behind a small HTTP server on this machine, with fakes at their ports. */
export const serveGate = async (deps: {
  approvals: ReturnType<typeof inMemoryApprovals>;
  loadChange: LoadChange;
  readPlanPage?: ReadPlanPage;
  now: () => Date;
  people?: readonly Person[];
  findRun?: FindRun;
  /** Somebody who signed in, whatever link they came by. */
  signedIn?: Person;
  /** What the lists hold; whoever asks for more than one approval has to be signed in. */
  lists?: ApprovalLists;
}) => {
  const ledger = recordingLedger();
  const woken: unknown[] = [];
  const tended: unknown[] = [];
  const people = deps.people ?? [{ id: 'alex', groups: ['approver'] }];
  const common = {
    loadChange: deps.loadChange,
    identify: deps.signedIn
      ? identifyAs(deps.signedIn)
      : makeIdentifyByLink({ findPerson: (id) => people.find((person) => person.id === id) }),
    signingSecret: async () => 'signing-secret',
    now: deps.now,
  };
  const findRun = deps.findRun ?? (async () => undefined);
  const show = makeShowApproval({ findApproval: deps.approvals.find, findRun, ...common });
  const showChanges = makeShowChanges({
    findApproval: deps.approvals.find,
    ...common,
    readPlanPage: deps.readPlanPage ?? (() => Promise.reject(new Error('the plan has no pages'))),
  });
  const lists = deps.lists ?? makeApprovalLists({ client: inMemoryTable().client, table: 'approvals' });
  const showLists = makeShowLists({ ...common, lists });
  const decide = makeDecideApproval({
    approvals: deps.approvals,
    ledger,
    wakeCallback: async (callback) => {
      woken.push(callback);
    },
    wakeTending: async (approval) => {
      tended.push(approval);
    },
    ...common,
  });
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const request = {
      method: incoming.method ?? 'GET',
      pathId: url.pathname.replace(/^\/stage\/approvals\//, '').replace(/\/changes$/, ''),
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: Buffer.concat(chunks),
    };
    const response = await (url.pathname.endsWith('/changes')
      ? showChanges(request)
      : url.pathname.endsWith('/approvals')
        ? showLists(request)
        : request.method === 'POST'
          ? decide(request)
          : show(request));
    const { statusCode, headers, body } = toProxyResult(response, request.method);
    outgoing.writeHead(statusCode, headers as Record<string, string>).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/stage`,
    ledger,
    woken,
    tended,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
