import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ChannelLimits, ChannelsConfig } from '../../lambdas/channels/contract';
import { allowSecret, allowSending } from './access';
import { consumeLedger } from './consume-ledger';
import { DeadLetterQueue } from './dead-letter-queue';
import { DeliveryQueue } from './delivery-queue';
import { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface ChannelsProps {
  readonly config: ChannelsConfig;
  readonly stores: Stores;
  /** The environment's name: routes may differ by it. */
  readonly environment: string;
  /** Where people reach the pages, without a slash at its end. */
  readonly publicUrl: string;
}

interface Channel {
  readonly limits: ChannelLimits;
  readonly delivery: DeliveryQueue;
  readonly inOrder: boolean;
}

const withoutUndefined = (limits: ChannelLimits): ChannelLimits => JSON.parse(JSON.stringify(limits));

/**
 * Tells the outside what happens, from the ledger alone: no step of a run knows of it, and none waits for it. Each
 * webhook has a queue, a function and a role of its own, so that neither its slowness nor its secret is another's.
 */
export class Channels extends Construct {
  /** By the name of the step, with the channel's id where there are several. */
  readonly steps: Readonly<Record<string, StepFunction>>;
  readonly deadLetterQueues: Readonly<Record<string, DeadLetterQueue>>;
  /** By the name that routes use, e.g. `webhook:itsm`. */
  readonly deliveries: Readonly<Record<string, DeliveryQueue>>;

  constructor(scope: Construct, id: string, props: ChannelsProps) {
    super(scope, id);
    const steps: Record<string, StepFunction> = {};
    const channels = props.config.webhooks.map((webhook): Channel => {
      const { step, delivery } = this.webhook(webhook, props.config.loopback);
      steps[`deliver-webhook-${webhook.id}`] = step;
      const { id: name, events, workspaces } = webhook;
      return { limits: { name: `webhook:${name}`, events, workspaces }, delivery, inOrder: false };
    });
    const router = channels.length > 0 ? this.router(channels, props) : undefined;
    if (router) steps['route-events'] = router.step;
    this.steps = steps;
    this.deliveries = Object.fromEntries(channels.map(({ limits, delivery }) => [limits.name, delivery]));
    this.deadLetterQueues = {
      ...(router && { 'route-events': router.deadLetters }),
      ...Object.fromEntries(
        channels.map(({ limits, delivery }) => [limits.name.replace(':', '-'), delivery.deadLetters]),
      ),
    };
  }

  private webhook({ id, url, secret: arn }: ChannelsConfig['webhooks'][number], loopback: boolean) {
    const own = new Construct(this, `Webhook-${id}`);
    const secret = Secret.fromSecretCompleteArn(own, 'Secret', arn);
    const delivery = new DeliveryQueue(own, 'Delivery');
    const step = new StepFunction(own, 'Deliver', {
      step: 'deliver-webhook',
      environment: {
        URL: url,
        SECRET_ARN: secret.secretArn,
        QUEUE_URL: delivery.queue.queueUrl,
        DEAD_LETTERS_URL: delivery.deadLetters.queueUrl,
        LOOPBACK: loopback ? 'yes' : 'no',
      },
    });
    allowSecret(step, secret);
    delivery.feed(step);
    return { step, delivery };
  }

  private router(channels: readonly Channel[], { config, stores, environment, publicUrl }: ChannelsProps) {
    const step = new StepFunction(this, 'Route', {
      step: 'route-events',
      environment: {
        ENVIRONMENT: environment,
        PUBLIC_URL: publicUrl,
        CHANNELS: JSON.stringify(
          channels.map(({ limits, delivery, inOrder }) => ({
            ...withoutUndefined(limits),
            queue: delivery.queue.queueUrl,
            inOrder,
          })),
        ),
        ROUTES: JSON.stringify(config.routes),
      },
    });
    allowSending(step, ...channels.map(({ delivery }) => delivery.queue));
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters');
    consumeLedger(step, { table: stores.ledgerTable, deadLetters, from: 'now' });
    return { step, deadLetters };
  }
}
