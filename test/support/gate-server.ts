import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoadChange, ReadPlanPage } from '../../lambdas/approval-pages/load-change';
import { makeShowApproval } from '../../lambdas/approval-pages/show-approval';
import { makeShowChanges } from '../../lambdas/approval-pages/show-changes';
import { makeShowCredentials } from '../../lambdas/approval-pages/show-credentials';
import { makeShowLists } from '../../lambdas/approval-pages/show-lists';
import type { Delegation, Person } from '../../lambdas/approval-rules/people';
import type { SigningKeys } from '../../lambdas/credential-client/credential-client';
import { makeDecideApproval } from '../../lambdas/decide-approval/decide-approval';
import { makeIdentifyByLink } from '../../lambdas/identity/by-link';
import type { Identify } from '../../lambdas/identity/visitor';
import type { CredentialRecord } from '../../lambdas/rotation/journal';
import { type ApprovalLists, makeApprovalLists } from '../../lambdas/shared/approval-lists';
import { type HttpRequest, type HttpResponse, toProxyResult } from '../../lambdas/shared/http';
import type { FindRun } from '../../lambdas/shared/run-reader';
import { fixedKeys } from './fixed-keys';
import type { inMemoryApprovals } from './gate';
import { inMemoryTable } from './in-memory-table';
import { recordingLedger } from './recording-ledger';

/** As a session tells who is looking: nothing of them stands in an address. */
const identifyAs =
  (person: Person): Identify =>
  async () => ({ visitor: { person, binding: `session of ${person.id}`, query: {}, headers: {} } });

/** How people sign in at a server whose address is known only when it listens. */
export interface SigningIn {
  readonly identify: Identify;
  readonly signIn: (request: HttpRequest, route: string) => Promise<HttpResponse>;
}

export const signingKeys = fixedKeys('signing-secret');

export interface GateDeps {
  readonly approvals: ReturnType<typeof inMemoryApprovals>;
  readonly loadChange: LoadChange;
  readonly readPlanPage?: ReadPlanPage;
  readonly now: () => Date;
  readonly people?: readonly Person[];
  readonly delegations?: readonly Delegation[];
  readonly findRun?: FindRun;
  /** Somebody who signed in, whatever link they came by. */
  readonly signedIn?: Person;
  /** @default by a personal link */
  readonly identify?: Identify | undefined;
  /** @default one that never changes */
  readonly signingKeys?: SigningKeys;
  /** What the lists hold; whoever asks for more than one approval has to be signed in. */
  readonly lists?: ApprovalLists;
  readonly credentials?: readonly CredentialRecord[];
}

/** The pages with fakes at their ports: what answers a request to an address of the API. */
export const makeGate = (deps: GateDeps) => {
  const ledger = recordingLedger();
  const woken: unknown[] = [];
  const tended: unknown[] = [];
  const people = deps.people ?? [{ id: 'alex', groups: ['approver'] }];
  const common = {
    loadChange: deps.loadChange,
    findDelegations: async () => [...(deps.delegations ?? [])],
    identify:
      deps.identify ??
      (deps.signedIn
        ? identifyAs(deps.signedIn)
        : makeIdentifyByLink({ findPerson: (id) => people.find((person) => person.id === id) })),
    signingKeys: deps.signingKeys ?? signingKeys,
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
  const showCredentials = makeShowCredentials({
    ...common,
    journal: {
      list: async function* () {
        yield* deps.credentials ?? [];
      },
    },
    runUrl: null,
  });
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
  return {
    ledger,
    woken,
    tended,
    respond: (
      request: HttpRequest,
      resource: 'changes' | 'lists' | 'credentials' | 'approval',
    ): Promise<HttpResponse> => {
      if (resource === 'credentials') return showCredentials(request);
      if (resource === 'changes') return showChanges(request);
      if (resource === 'lists') return showLists(request);
      return request.method === 'POST' ? decide(request) : show(request);
    },
  };
};

/** The pages behind a small HTTP server on this machine. */
export const serveGate = async (deps: GateDeps, signInAt?: (publicUrl: string) => Promise<SigningIn>) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stage`;
  const signingIn = await signInAt?.(publicUrl);
  const { respond, ...gate } = makeGate({ identify: signingIn?.identify, ...deps });
  server.on('request', async (incoming, outgoing) => {
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
    const resource = url.pathname.endsWith('/changes')
      ? 'changes'
      : url.pathname.endsWith('/approvals')
        ? 'lists'
        : url.pathname.endsWith('/credentials')
          ? 'credentials'
          : 'approval';
    const response = await (signingIn && url.pathname.startsWith('/stage/sign-')
      ? signingIn.signIn(request, url.pathname.slice('/stage'.length))
      : respond(request, resource));
    const { statusCode, headers, body } = toProxyResult(response, request.method);
    outgoing.writeHead(statusCode, headers as Record<string, string>).end(body);
  });
  return {
    url: publicUrl,
    ...gate,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
