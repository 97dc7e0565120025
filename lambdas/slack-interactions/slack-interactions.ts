import * as z from 'zod';
import type { ChannelMemory } from '../channels/channel-memory';
import type { SendRequest } from '../channels/send-request';
import type { SigningKeys } from '../credential-client/credential-client';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import { approvalIdPattern } from '../shared/names';
import { isFromSlack, windowSeconds } from './slack-signature';

interface Deps {
  readonly signingKeys: Pick<SigningKeys, 'verify'>;
  readonly memory: Pick<ChannelMemory, 'seeOnce'>;
  readonly sendRequest: SendRequest;
  /** Where people reach the pages, without a slash at its end. */
  readonly publicUrl: string;
  /** Where Slack takes private answers. */
  readonly answersOrigin: string;
  readonly now: () => Date;
}

const largestBytes = 64 * 1024;

const click = z.object({
  type: z.literal('block_actions'),
  response_url: z.url(),
  actions: z
    .array(z.object({ action_id: z.literal('open-approval'), value: z.string().regex(approvalIdPattern) }))
    .length(1),
});

export const answer = (status: number, sentence = ''): HttpResponse => ({
  status,
  headers: {
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 405 && { Allow: 'POST' }),
  },
  body: sentence,
});

const refused = (status: 400 | 401 | 405 | 413 | 415, why: string): HttpResponse =>
  answer(status, `${why} Nothing was done.`);

/** The payload of the form, or `undefined` when there is none that is JSON. */
const payloadOf = (body: Uint8Array): unknown => {
  const fields = [...new URLSearchParams(Buffer.from(body).toString('utf8'))];
  const [field] = fields;
  if (fields.length !== 1 || field?.[0] !== 'payload') return undefined;
  try {
    return JSON.parse(field[1]);
  } catch {
    return undefined;
  }
};

/**
 * Answers a click in Slack with the way to the page, to whoever clicked alone. It decides nothing, and tells nothing of
 * an approval: who somebody is in Slack is not who they are here.
 */
export const makeSlackInteractions = (deps: Deps) => {
  const showTheWay = async ({ response_url, actions: [action] }: z.infer<typeof click>): Promise<void> => {
    const link = `${deps.publicUrl}/approvals/${action?.value}`;
    await deps.sendRequest({
      url: response_url,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        text: `Decisions are taken on the page, never here: ${link}\nSign in there; it says whether you may decide, and if not, why. Without sign-in, use the link of your own mail.`,
      }),
    });
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method !== 'POST') return refused(405, 'Slack posts here.');
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/x-www-form-urlencoded') return refused(415, 'Slack sends a form.');
    if (request.body.byteLength > largestBytes)
      return refused(413, 'That is longer than anything Slack sends.');
    try {
      const now = deps.now();
      const isTheirs = await deps.signingKeys.verify(
        (key) => isFromSlack(request, key.trim(), now) || undefined,
      );
      if (!isTheirs) return refused(401, 'The signature does not fit, or is older than five minutes.');
      if (!(await deps.memory.seeOnce(`slack:${request.headers['x-slack-signature']}`, 2 * windowSeconds)))
        return refused(401, 'This request was sent before.');
    } catch (error) {
      logger.error('a request of Slack could not be checked', { code: (error as Error).name });
      return answer(503, 'Nothing was done. Try again in a moment.');
    }
    const payload = payloadOf(request.body);
    if (payload === undefined) return refused(400, 'There is no payload.');
    const clicked = click.safeParse(payload).data;
    if (clicked && new URL(clicked.response_url).origin === deps.answersOrigin)
      // The button is a link that has opened the page already: without this answer, nothing is lost.
      await showTheWay(clicked).catch((error: Error) =>
        logger.warn('a private answer did not reach Slack', { reason: error.message }),
      );
    return answer(200);
  };
};
