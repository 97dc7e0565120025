import { channelsConfig } from '../../../lambdas/channels/contract';
import { environment } from '../../support/infra-app';

const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:itsm-AbCdEf';
const itsm = { id: 'itsm', url: 'https://itsm.example.com/hooks', secret };
const slack = { botToken: secret, signingSecret: secret, channels: [{ id: 'ops', channel: 'C0OPS' }] };
const longList = ['run.started', 'run.ended', 'approval.requested', 'approval.reminded', 'decision.made'];
const refusals = (input: object): string[] =>
  channelsConfig.safeParse(input).error?.issues.map(({ message }) => message) ?? [];

test('a route names channels that are there', () => {
  const to = ['webhook:itsm'];
  expect(refusals({ webhooks: [itsm], routes: [{ when: { dangers: ['destroy'] }, to }] })).toEqual([]);
  expect(refusals({ webhooks: [itsm], routes: [{ when: {}, to: ['webhook:other'] }] })).toEqual([
    'there is no channel webhook:other; known: webhook:itsm',
  ]);
  expect(refusals({ routes: [{ when: {}, to: ['slack:ops'] }] })).toEqual([
    'there is no channel slack:ops; known: none',
  ]);
});

test.each([
  [{ webhooks: [{ ...itsm, url: 'http://itsm.example.com/' }] }, 'it must begin with https://'],
  [{ webhooks: [{ ...itsm, url: 'https://10.1.2.3/' }] }, '10.1.2.3 is an address inside a network'],
  [{ webhooks: [{ ...itsm, url: 'http://127.0.0.1:1/' }] }, 'it must begin with https://'],
  [{ webhooks: [{ ...itsm, secret: 'whsec_abc' }] }, 'the ARN of a secret'],
  [{ webhooks: [itsm, itsm] }, 'webhook:itsm stands here twice'],
  [{ webhooks: [{ ...itsm, events: ['credentials.issued'] }] }, expect.stringContaining('Invalid option')],
  [{ webhooks: [{ ...itsm, retry: 3 }] }, expect.stringContaining('Unrecognized key')],
  [
    { routes: [{ when: { tenants: ['a'] }, to: ['webhook:itsm'] }] },
    expect.stringContaining('Unrecognized key'),
  ],
  [{ routes: [{ when: {}, to: ['mail'] }] }, expect.stringContaining('write it as webhook:<id>')],
  [{ slack: { ...slack, apiUrl: 'https://10.0.0.1/api' } }, '10.0.0.1 is an address inside a network'],
  [
    { slack: { ...slack, channels: [{ id: 'ops', channel: '#ops' }] } },
    expect.stringContaining('the ID of a'),
  ],
  [
    { webhooks: Array.from({ length: 10 }, (_, n) => ({ ...itsm, id: `w${n}`, events: longList })) },
    expect.stringContaining('there are more channels'),
  ],
])('refuses %j', (input, message) => {
  expect(refusals(input)).toContainEqual(message);
});

test('only where AWS is emulated, this machine itself may be called', () => {
  const own = { webhooks: [{ ...itsm, url: 'http://127.0.0.1:4000/' }], loopback: true };
  expect(environment('local', (input) => ({ ...input, channels: own })).channels.webhooks).toHaveLength(1);
  expect(() => environment('poc', (input) => ({ ...input, channels: own }))).toThrow(
    'channels.loopback: in AWS, this machine itself is nobody that could be told',
  );
});

test('without a word about channels there are none', () => {
  expect(environment('prod').channels).toEqual({ webhooks: [], routes: [], loopback: false });
});
