import type { ChannelEvent } from '../channels/contract';
import { DeliveryError, requireTaken, type SendRequest } from '../channels/send-request';
import { signingKeys, webhookSignature } from '../channels/webhook-signature';
import type { CurrentAndPrevious } from '../credential-client/credential-client';

interface Deps {
  readonly url: string;
  /** Each attempt is signed with both, so that a receiver may hold either. */
  readonly secrets: () => Promise<CurrentAndPrevious>;
  readonly sendRequest: SendRequest;
  readonly now: () => Date;
}

/**
 * Posts an event to one endpoint as Standard Webhooks says: `webhook-id` is the event's and so the same each time;
 * time stamp and signatures are of this attempt.
 *
 * @throws DeliveryError when the endpoint did not take it.
 */
export const makeDeliverWebhook =
  ({ url, secrets, sendRequest, now }: Deps) =>
  async (event: ChannelEvent): Promise<void> => {
    const body = JSON.stringify(event);
    const timestamp = Math.floor(now().getTime() / 1000);
    const keys = await secrets()
      .then(({ current, previous }) => [
        ...signingKeys(current),
        ...(previous === undefined ? [] : signingKeys(previous)),
      ])
      .catch((error: Error) => {
        throw new DeliveryError(`Nothing was sent, as the secret cannot be used: ${error.message}`);
      });
    requireTaken(
      await sendRequest({
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'orchestrator-webhooks/1',
          'webhook-id': event.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': webhookSignature(keys, { id: event.id, timestamp, body }),
        },
        body,
      }),
    );
  };
