import fc from 'fast-check';
import {
  type ChannelEvent,
  type ChannelLimits,
  channelEvent,
  eventTypes,
  type Route,
} from '../../../lambdas/channels/contract';
import { eventOf } from '../../../lambdas/channels/event';
import { channelsFor } from '../../../lambdas/channels/routing';
import { makeRouteEvents } from '../../../lambdas/route-events/route-events';
import { plainText } from '../../../lambdas/shared/plain-text';
import { planGroups } from '../../../lambdas/shared/plan-document';
import { approvalId, digest } from '../../support/gate';
import { anEntry, ofApproval } from '../../support/ledger-entries';

const source = { environment: 'poc', publicUrl: 'https://gate.example.com/live' };
const workspace = ofApproval.workspace;
const answer = { ...ofApproval, outcome: 'approved', commentDigest: null };
const ended = {
  workflow: 'vm-provisioning',
  workspace,
  outcome: 'applied',
  changeDigest: digest,
  error: null,
};
const credential = {
  workspace,
  credential: 'orchestrator-poc/workspaces/demo/web-01/orders',
  strategy: 'postgresql-alternating-users',
  owner: 'team-orders',
  step: 'test',
  error: 'MissingRightsError',
};
/** What the product writes of each type that is published. */
const dataOf: Record<string, Parameters<typeof anEntry>[0] & { data: Record<string, never> | object }> = {
  'run.started': { data: { workflow: 'vm-provisioning', workspace, module: 'linux-host' } },
  'run.refused': { data: { executionArn: 'arn', error: null } },
  'run.ended': { data: ended },
  'compliance.checked': {
    data: { workspace, score: 90, failed: 2, waived: 1, new: 1, document: digest },
  },
  'drift.checked': { data: { workspace, total: 2, new: 1, since: null, document: digest } },
  'approval.requested': {
    data: { ...ofApproval, expiresAt: '2026-11-22T09:00:00.000Z', approvers: ['alex'] },
  },
  'approval.reminded': { data: ofApproval },
  'approval.escalated': { data: ofApproval },
  'approval.expired': { data: ofApproval },
  'approval.voided': { data: ofApproval },
  'answer.given': { data: answer },
  'glass.broken': { data: answer },
  'decision.made': { data: { ...ofApproval, outcome: 'approved', by: ['alex'], rules: digest } },
  'credential.rotation-abandoned': { data: credential },
  'credential.rotation-rolled-back': { data: credential },
  'credential.rotation-overdue': { data: credential },
  'credential.rotation-stuck': { data: credential },
  'callback.undeliverable': { data: { ...ofApproval, reason: 'the run has ended' } },
} as never;
const eventOfType = (type: string, data: object = {}): ChannelEvent =>
  eventOf(
    anEntry({ type, id: `${type}:1`, data: { ...dataOf[type]?.data, ...data } as never }),
    source,
  ) as ChannelEvent;

test('every published type is what the product writes of it', () => {
  expect(Object.keys(dataOf).sort()).toEqual([...eventTypes].sort());
  for (const type of eventTypes) expect(eventOfType(type)).toMatchObject({ type, version: 1 });
});

test('an event says what happened, and where to see it without a key', () => {
  expect(eventOfType('approval.requested')).toEqual({
    type: 'approval.requested',
    version: 1,
    id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
    timestamp: '2026-11-21T09:00:00.000Z',
    environment: 'poc',
    tenant: 'demo',
    sequence: 1,
    runId: expect.any(String),
    workspace,
    actor: 'request-approval',
    link: `https://gate.example.com/live/approvals/${approvalId}`,
    data: {
      approvalId,
      changeDigest: digest,
      headline: ofApproval.headline,
      workflow: 'vm-provisioning',
      counts: ofApproval.counts,
      dangers: ['create'],
      expiresAt: '2026-11-22T09:00:00.000Z',
      approvers: ['alex'],
    },
  });
});

test('what nobody published stays inside: other types, and other fields whatever they are called', () => {
  for (const type of ['credentials.issued', 'lease.awaited', 'change.bound', 'constructor', '__proto__'])
    expect(eventOf(anEntry({ type }), source)).toBeUndefined();
  fc.assert(
    fc.property(
      fc.constantFrom(...eventTypes),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}Secret$/), fc.constant('s3cr3t'), { minKeys: 1 }),
      (type, more) => {
        expect(JSON.stringify(eventOfType(type, more))).not.toContain('s3cr3t');
        expect(channelEvent.safeParse(eventOfType(type)).success).toBe(true);
      },
    ),
  );
});

test('what is as long as it can be is told, too', () => {
  const long = 'x'.repeat(4000);
  const refused = { runId: 'r'.repeat(80), actor: long, data: { error: plainText(long, 128) } };
  expect(eventOf(anEntry({ type: 'run.refused', ...refused }), source)).toMatchObject({
    runId: refused.runId,
  });
  expect(eventOfType('run.ended', { outcome: 'failed', error: plainText(long, 128) }).data).toMatchObject({
    error: plainText(long, 128),
  });
  expect(eventOfType('callback.undeliverable', { reason: plainText(long, 1000) })).toBeDefined();
});

test('the same entry is the same event, another one is another', () => {
  expect(eventOfType('run.ended').id).toBe(eventOfType('run.ended').id);
  expect(eventOfType('run.ended').id).not.toBe(eventOfType('run.started').id);
  const elsewhere = eventOf(anEntry({ tenant: 'tenant-b' }), source);
  expect(elsewhere?.id).not.toBe(eventOf(anEntry(), source)?.id);
});

test('who acts can draw nothing but their name', () => {
  const event = eventOf(anEntry({ actor: 'unverified:\u202eadmin\n' }), source);
  expect(event?.actor).toBe('unverified:\ufffdadmin\ufffd');
});

const channels: ChannelLimits[] = [
  { name: 'slack:ops' },
  { name: 'webhook:itsm', events: ['decision.made'] },
  { name: 'webhook:tenant-b', workspaces: ['tenant-b/*'] },
];
const toAll: Route = { when: {}, to: ['slack:ops', 'webhook:itsm', 'webhook:tenant-b'] };

test('routes that fit add up; each channel takes what it was made for', () => {
  const told = (type: string, routes: Route[], data?: object) =>
    channelsFor(eventOfType(type, data), channels, routes);
  expect(told('approval.requested', [])).toEqual([]);
  expect(told('approval.requested', [toAll])).toEqual(['slack:ops']);
  expect(told('decision.made', [toAll, toAll])).toEqual(['slack:ops', 'webhook:itsm']);
  expect(told('approval.requested', [{ when: { dangers: ['destroy'] }, to: ['slack:ops'] }])).toEqual([]);
  expect(
    told('approval.requested', [{ when: { dangers: ['destroy'] }, to: ['slack:ops'] }], {
      dangers: ['destroy', 'create'],
    }),
  ).toEqual(['slack:ops']);
  expect(told('run.started', [{ when: { environments: ['prod'] }, to: ['slack:ops'] }])).toEqual([]);
  expect(told('run.started', [{ when: { workspaces: ['demo/*'] }, to: ['slack:ops'] }])).toEqual([
    'slack:ops',
  ]);
});

test('who answers for a credential hears of it, and what concerns no credential is not theirs', () => {
  const owners: Route[] = [{ when: { owners: ['team-orders', 'platform'] }, to: ['slack:ops'] }];
  const told = (type: string, data?: object) => channelsFor(eventOfType(type, data), channels, owners);
  for (const what of ['abandoned', 'rolled-back', 'overdue', 'stuck']) {
    const type = `credential.rotation-${what}`;
    expect(told(type)).toEqual(['slack:ops']);
    expect(told(type, { owner: 'team-billing' })).toEqual([]);
    expect(told(type, { owner: null })).toEqual([]);
    expect(eventOfType(type).link).toBe('https://gate.example.com/live/credentials');
  }
  expect(told('run.ended')).toEqual([]);
});

test.each([
  ['glass.broken', {}],
  ['run.ended', { outcome: 'failed' }],
  ['run.refused', {}],
  ['callback.undeliverable', {}],
])('everybody hears of %s, but of no workspace that is not theirs', (type, data) => {
  expect(channelsFor(eventOfType(type, data), channels, [])).toEqual(['slack:ops', 'webhook:itsm']);
});

test('a route more never tells anybody less', () => {
  const when = fc.record(
    {
      workspaces: fc.constantFrom('demo/*', 'tenant-b/*').map((one) => [one]),
      environments: fc.constantFrom('poc', 'prod').map((one) => [one]),
      dangers: fc.constantFrom(...planGroups).map((danger) => [danger]),
    },
    { requiredKeys: [] },
  );
  const route = fc.record({ when, to: fc.subarray(toAll.to, { minLength: 1 }) });
  fc.assert(
    fc.property(fc.constantFrom(...eventTypes), fc.array(route), route, (type, routes, more) => {
      const before = channelsFor(eventOfType(type), channels, routes as Route[]);
      expect(channelsFor(eventOfType(type), channels, [...routes, more] as Route[])).toEqual(
        expect.arrayContaining(before),
      );
    }),
  );
});

test('an entry is put into the queue of each channel; what is not published into none', async () => {
  const enqueue = jest.fn().mockResolvedValue(undefined);
  const route = makeRouteEvents({ ...source, channels, routes: [toAll], enqueue });
  await route(anEntry());
  await route(anEntry({ type: 'credentials.issued' }));
  expect(enqueue.mock.calls).toEqual([['slack:ops', eventOf(anEntry(), source)]]);
});
