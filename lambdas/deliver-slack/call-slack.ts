import * as z from 'zod';
import { DeliveryError, requireTaken, type SendRequest } from '../channels/send-request';
import type { CredentialClient } from '../credential-client/credential-client';

/** Slack's own name of what went wrong, e.g. `channel_not_found`. */
export class SlackRefusal extends DeliveryError {
  constructor(
    method: string,
    readonly code: string,
  ) {
    super(`Slack refuses ${method}: ${code}.`);
  }
}

const slackAnswer = z.union([
  z.object({ ok: z.literal(true), channel: z.string(), ts: z.string() }),
  z.object({ ok: z.literal(false), error: z.string().max(80) }),
]);

const parsed = (text: string): z.infer<typeof slackAnswer> | undefined => {
  try {
    return slackAnswer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export type CallSlack = (
  method: 'chat.postMessage' | 'chat.update',
  argument: object,
) => Promise<{ readonly channel: string; readonly ts: string }>;

/** Slack's names for a token that does not count, or not any more. */
const refusals: ReadonlySet<string> = new Set(['invalid_auth', 'token_revoked', 'token_expired']);

/** Calls a method of Slack's Web API. Slack answers 200 to what it refuses, and says so in the body. */
export const makeCallSlack =
  (deps: {
    readonly apiUrl: string;
    readonly token: Pick<CredentialClient, 'withCredential'>;
    readonly sendRequest: SendRequest;
  }): CallSlack =>
  async (method, argument) => {
    const call = async (given: string) => {
      const token = given.trim();
      if (!/^[\x21-\x7e]+$/.test(token))
        throw new DeliveryError('The bot token is not one that Slack gives.');
      const answer = await deps.sendRequest({
        url: `${deps.apiUrl}/${method}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(argument),
      });
      requireTaken(answer);
      const said = parsed(answer.body);
      if (!said) throw new DeliveryError(`Slack's answer to ${method} is not understood.`);
      if (!said.ok) throw new SlackRefusal(method, said.error);
      return { channel: said.channel, ts: said.ts };
    };
    return deps.token.withCredential(
      call,
      (error) => error instanceof SlackRefusal && refusals.has(error.code),
    );
  };
