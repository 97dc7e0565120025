import type { ChannelMemory, StandingMessage } from '../../../lambdas/channels/channel-memory';
import type { ChannelEvent } from '../../../lambdas/channels/contract';
import { eventOf } from '../../../lambdas/channels/event';
import { makeSendRequest } from '../../../lambdas/channels/send-request';
import { makeCredentialClient } from '../../../lambdas/credential-client/credential-client';
import { makeCallSlack } from '../../../lambdas/deliver-slack/call-slack';
import { makeDeliverSlack } from '../../../lambdas/deliver-slack/deliver-slack';
import { slackMessage } from '../../../lambdas/deliver-slack/slack-message';
import { botToken, startFakeSlack } from '../../support/fake-slack';
import { approvalId, digest } from '../../support/gate';
import { anEntry, ofApproval } from '../../support/ledger-entries';

const publicUrl = 'https://gate.example.com/live';
const happened = (type: string, data: object = {}, over: object = {}): ChannelEvent =>
  eventOf(anEntry({ type, id: `${type}:1`, data: { ...ofApproval, ...data } as never, ...over }), {
    environment: 'prod',
    publicUrl,
  }) as ChannelEvent;
const asked = happened('approval.requested', {
  expiresAt: '2026-11-22T09:00:00.000Z',
  approvers: ['alex'],
  dangers: ['destroy', 'create'],
});
const decided = happened('decision.made', { outcome: 'approved', by: ['alex', 'dana'], rules: digest });

const stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of stop.splice(0)) await end();
});
const arrange = async (...given: readonly string[]) => {
  const tokens = given.length === 0 ? [botToken] : given;
  let reads = 0;
  const slack = await startFakeSlack(['C0OPS']);
  stop.push(slack.stop);
  const kept = new Map<string, StandingMessage>();
  const memory: Pick<ChannelMemory, 'findMessage' | 'keepMessage'> = {
    findMessage: async (channel, id) => kept.get(`${channel}#${id}`),
    keepMessage: async (channel, id, message) => void kept.set(`${channel}#${id}`, message),
  };
  const callSlack = makeCallSlack({
    apiUrl: slack.apiUrl,
    token: makeCredentialClient({
      read: async (stage) => (stage === 'current' ? tokens[reads++] : undefined),
      random: () => 0,
    }),
    sendRequest: makeSendRequest({
      resolve: () => Promise.reject(new Error('nobody else is called')),
      loopback: true,
      timeoutMs: 5000,
      maxAnswerBytes: 64 * 1024,
    }),
  });
  const channels = { 'slack:ops': 'C0OPS', 'slack:gone': 'C0GONE' };
  return { slack, kept, tell: makeDeliverSlack({ channels, memory, callSlack }) };
};
const shown = (message: { blocks: readonly object[] } | undefined): string => JSON.stringify(message?.blocks);

test('a token that was replaced in the meantime is read again, and nothing is lost', async () => {
  const { slack, tell } = await arrange('xoxb-replaced', botToken);
  await tell('slack:ops', asked);
  expect(slack.messages).toHaveLength(1);
});

test('asks in few words, and leads to the page by a link without a key', async () => {
  const { slack, tell } = await arrange();
  await tell('slack:ops', asked);
  expect(slack.messages).toHaveLength(1);
  const [message] = slack.messages;
  expect(message?.text).toBe('Approval needed: demo/web-01 in prod');
  expect(shown(message)).toContain('Creates 1, changes 0, destroys 0 in demo/web-01.');
  expect(shown(message)).toContain('Answer until 22 Nov 2026, 09:00 UTC');
  expect(shown(message)).toContain('Look closely at: destroy');
  expect(message?.blocks.at(-1)).toMatchObject({
    elements: [
      { action_id: 'open-approval', url: `${publicUrl}/approvals/${approvalId}`, value: approvalId },
    ],
  });
  expect(JSON.stringify(message)).not.toMatch(/key=|token/i);
});

test('the message changes when it is decided; a reminder goes below it', async () => {
  const { slack, tell } = await arrange();
  await tell('slack:ops', asked);
  const ts = slack.messages[0]?.ts;
  await tell('slack:ops', happened('approval.reminded'));
  expect(slack.messages[1]).toMatchObject({ thread_ts: ts });
  await tell('slack:ops', decided);
  expect(slack.updates).toEqual([ts]);
  expect(slack.messages).toHaveLength(2);
  expect(slack.messages[0]?.text).toBe('Approved by alex, dana: demo/web-01 in prod');
  expect(shown(slack.messages[0])).not.toContain('Answer until');
});

test('asked about twice, told once', async () => {
  const { slack, tell } = await arrange();
  await tell('slack:ops', asked);
  await tell('slack:ops', asked);
  expect(slack.messages).toHaveLength(1);
});

test('a message that somebody deleted, or that was never posted, is posted as it is now', async () => {
  const { slack, kept, tell } = await arrange();
  kept.set(`slack:ops#${approvalId}`, { channel: 'C0OPS', ts: '1.1' });
  await tell('slack:ops', decided);
  kept.clear();
  await tell('slack:ops', happened('approval.expired'));
  expect(slack.messages.map(({ text }) => text)).toEqual([
    'Approved by alex, dana: demo/web-01 in prod',
    'Expired: nobody decided in time: demo/web-01 in prod',
  ]);
});

test('an emergency and a failure are said as what they are', async () => {
  const { slack, tell } = await arrange();
  const answer = { outcome: 'approved', commentDigest: null };
  await tell('slack:ops', happened('glass.broken', answer, { actor: 'dana' }));
  await tell(
    'slack:ops',
    happened('run.ended', { outcome: 'failed', changeDigest: null, error: 'TerraformError' }),
  );
  expect(slack.messages.map(({ text }) => text)).toEqual([
    'EMERGENCY: dana approved past the rules: demo/web-01 in prod',
    'Run failed: demo/web-01 in prod',
  ]);
  expect(shown(slack.messages[1])).toContain('TerraformError');
});

test.each([
  ['abandoned', 'what is current still works'],
  ['rolled-back', 'the one before works'],
  ['overdue', 'two nights past its date'],
  ['stuck', 'Start secret-rotation'],
])(
  'of a credential whose rotation is %s it says what that means, whose it is and where it stands',
  async (what, words) => {
    const { slack, tell } = await arrange();
    const data = {
      credential: 'shop-<!channel>-token',
      strategy: 'api-token',
      owner: 'team-shop',
      error: 'CredentialRefusedError',
    };
    await tell('slack:ops', happened(`credential.rotation-${what}`, data));
    expect(slack.messages[0]?.text).toBe('Credential shop-&lt;!channel&gt;-token in prod');
    for (const part of [words, 'Owner: team-shop', 'CredentialRefusedError', `${publicUrl}/credentials`])
      expect(shown(slack.messages[0])).toContain(part);
  },
);

test('what Slack refuses is tried again, with its reason', async () => {
  const { slack, kept, tell } = await arrange();
  slack.failures.push('ratelimited', 429, 500);
  await expect(tell('slack:ops', asked)).rejects.toThrow('Slack refuses chat.postMessage: ratelimited.');
  await expect(tell('slack:ops', asked)).rejects.toMatchObject({ retryAfterSeconds: 30 });
  await expect(tell('slack:ops', asked)).rejects.toThrow('The receiver answered 500.');
  await expect(tell('slack:gone', asked)).rejects.toThrow('channel_not_found');
  await expect(tell('slack:unknown', asked)).rejects.toThrow('There is no channel slack:unknown any more.');
  expect(kept.size).toBe(0);
  await tell('slack:ops', asked);
  expect(slack.messages).toHaveLength(1);
});

test('a token that Slack does not know, or that is none, is not told to anybody', async () => {
  for (const token of ['xoxb-other', 'xoxb\r\nx-injected: 1', '']) {
    const { tell } = await arrange(token);
    const refused = tell('slack:ops', asked);
    await expect(refused).rejects.toThrow(/invalid_auth|not one that Slack gives/);
    await expect(refused).rejects.not.toThrow(/xoxb/);
  }
});

test('a name can call nobody and draw nothing', () => {
  const message = slackMessage(
    happened(
      'glass.broken',
      { outcome: 'approved', commentDigest: null },
      {
        actor: 'unverified:<!channel> *bold* <https://evil.example|here>\u202e',
      },
    ),
  );
  expect(message.text).toContain('&lt;!channel&gt;');
  expect(message.text).not.toMatch(/[<>\u202e]/);
  for (const block of message.blocks) expect(JSON.stringify(block)).not.toContain('mrkdwn');
});
