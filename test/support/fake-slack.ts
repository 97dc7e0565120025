import { type Received, startReceiver } from './http-receiver';

export const botToken = 'xoxb-1-a-token-of-the-test';

interface Posted {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Record<string, unknown>[];
  readonly thread_ts?: string;
}

interface Button {
  readonly type: string;
  readonly url: string;
  readonly value: string;
  readonly action_id: string;
  readonly text: { readonly text: string };
}

/** What Slack says of texts and buttons that it does not show. */
const blockProblem = (block: Record<string, unknown>): string | undefined => {
  const elements = (block.elements ?? []) as Record<string, unknown>[];
  const texts = [block.text, ...elements.map((one) => (one.type === 'button' ? one.text : one))].filter(
    Boolean,
  );
  for (const text of texts as { type?: string; text?: string }[])
    if (text.type !== 'plain_text' || !text.text || text.text.length > 3000) return 'invalid_blocks';
  for (const { type, url, value, action_id, text } of elements as Partial<Button>[])
    if (type === 'button' && !(url && value && action_id && text && text.text.length <= 75))
      return 'invalid_blocks';
  return ['section', 'context', 'actions'].includes(String(block.type)) ? undefined : 'invalid_blocks';
};

/** Slack's Web API as far as the product uses it: it checks what it is sent, and answers 200 to what it refuses. */
export const startFakeSlack = async (channels: readonly string[]) => {
  const messages: Posted[] = [];
  const updates: string[] = [];
  /** Refused with this, once each. */
  const failures: (string | number)[] = [];
  const judge = ({ path, headers, body }: Received): object => {
    if (headers.authorization !== `Bearer ${botToken}`) return { ok: false, error: 'invalid_auth' };
    if (headers['content-type'] !== 'application/json; charset=utf-8')
      return { ok: false, error: 'invalid_form_data' };
    const sent = JSON.parse(body) as Posted & { mrkdwn?: boolean };
    if (!channels.includes(sent.channel)) return { ok: false, error: 'channel_not_found' };
    if (!sent.text) return { ok: false, error: 'no_text' };
    const problem = sent.blocks.map(blockProblem).find(Boolean);
    if (problem) return { ok: false, error: problem };
    if (path === '/api/chat.update') {
      const at = messages.findIndex(({ ts, channel }) => ts === sent.ts && channel === sent.channel);
      if (at < 0) return { ok: false, error: 'message_not_found' };
      messages[at] = sent;
      updates.push(sent.ts);
      return { ok: true, channel: sent.channel, ts: sent.ts };
    }
    if (path !== '/api/chat.postMessage') return { ok: false, error: 'unknown_method' };
    const ts = `1700000000.00000${messages.length + 1}`;
    messages.push({ ...sent, ts });
    return { ok: true, channel: sent.channel, ts };
  };
  const server = await startReceiver((received, response) => {
    const failure = failures.shift();
    if (typeof failure === 'number') response.writeHead(failure, { 'retry-after': '30' }).end();
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(failure ? { ok: false, error: failure } : judge(received)));
  });
  return { ...server, apiUrl: `${server.url}/api`, messages, updates, failures };
};
