import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type ChannelLimits, type ChannelsConfig, slackEvents } from '../../lambdas/channels/contract';
import { allowItems, allowSecret, allowSending } from './access';
import { allowLimiting, limitingEnvironment } from './caller-limits';
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
  /** Clicks that one network may send in five minutes. */
  readonly mostClicks: number;
}

/** A channel with whatever carries its messages; several may share it. */
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
  /** Which parts of the ledger's stream were given up. `undefined`: there is no channel. */
  readonly routerDeadLetters: DeadLetterQueue | undefined;
  /** Answers clicks in Slack; it needs a route. */
  readonly slackInteractions: StepFunction | undefined;
  /** By what they carry, e.g. `webhook:itsm` or `slack`. */
  readonly deliveries: Readonly<Record<string, DeliveryQueue>>;

  constructor(scope: Construct, id: string, props: ChannelsProps) {
    super(scope, id);
    const { webhooks, slack } = props.config;
    const posts = webhooks.map((webhook) => ({ webhook, ...this.webhook(webhook, props) }));
    const chat = slack && this.slack(slack, props);
    const channels: Channel[] = [
      ...posts.map(({ webhook: { id: name, events, workspaces }, delivery }) => ({
        limits: { name: `webhook:${name}`, events, workspaces },
        delivery,
        inOrder: false,
      })),
      ...(chat
        ? slack.channels.map(({ id: name, workspaces }) => ({
            limits: { name: `slack:${name}`, events: slackEvents, workspaces },
            delivery: chat.delivery,
            inOrder: true,
          }))
        : []),
    ];
    const router = channels.length > 0 ? this.router(channels, props) : undefined;
    this.slackInteractions = chat?.interactions;
    this.deliveries = {
      ...Object.fromEntries(posts.map(({ webhook, delivery }) => [`webhook:${webhook.id}`, delivery])),
      ...(chat && { slack: chat.delivery }),
    };
    this.routerDeadLetters = router?.deadLetters;
  }

  private webhook(
    { id, url, secret: arn }: ChannelsConfig['webhooks'][number],
    { config: { loopback }, stores }: ChannelsProps,
  ) {
    const own = new Construct(this, `Webhook-${id}`);
    const secret = Secret.fromSecretCompleteArn(own, 'Secret', arn);
    const delivery = new DeliveryQueue(own, 'Delivery');
    const step = new StepFunction(own, 'Deliver', {
      step: 'deliver-webhook',
      name: `deliver-webhook-${id}`,
      environment: {
        URL: url,
        SECRET_ARN: secret.secretArn,
        PEOPLE_TABLE: stores.peopleTable.tableName,
        QUEUE_URL: delivery.queue.queueUrl,
        DEAD_LETTERS_URL: delivery.deadLetters.queueUrl,
        LOOPBACK: loopback ? 'yes' : 'no',
      },
    });
    allowSecret(step, secret);
    allowItems(step, stores.peopleTable, ['GetItem']);
    delivery.feed(step);
    return { step, delivery };
  }

  private slack(
    { botToken, signingSecret, channels, apiUrl, answersOrigin }: NonNullable<ChannelsConfig['slack']>,
    { config, stores, publicUrl, mostClicks }: ChannelsProps,
  ) {
    const own = new Construct(this, 'Slack');
    const delivery = new DeliveryQueue(own, 'Delivery', { inOrder: true });
    const common = {
      CHANNELS_TABLE: stores.channelsTable.tableName,
      LOOPBACK: config.loopback ? 'yes' : 'no',
    };
    const token = Secret.fromSecretCompleteArn(own, 'BotToken', botToken);
    const step = new StepFunction(own, 'Deliver', {
      step: 'deliver-slack',
      environment: {
        ...common,
        CHANNELS: JSON.stringify(
          Object.fromEntries(channels.map(({ id, channel }) => [`slack:${id}`, channel])),
        ),
        BOT_TOKEN_ARN: token.secretArn,
        PEOPLE_TABLE: stores.peopleTable.tableName,
        API_URL: apiUrl,
        QUEUE_URL: delivery.queue.queueUrl,
        DEAD_LETTERS_URL: delivery.deadLetters.queueUrl,
      },
    });
    allowSecret(step, token);
    allowItems(step, stores.peopleTable, ['GetItem']);
    allowItems(step, stores.channelsTable, ['GetItem', 'PutItem']);
    delivery.feed(step);

    const signing = Secret.fromSecretCompleteArn(own, 'SigningSecret', signingSecret);
    const interactions = new StepFunction(own, 'Interactions', {
      step: 'slack-interactions',
      environment: {
        ...common,
        SLACK_SIGNING_SECRET_ARN: signing.secretArn,
        PUBLIC_URL: publicUrl,
        ANSWERS_ORIGIN: answersOrigin,
        ...limitingEnvironment(stores, mostClicks),
      },
    });
    allowSecret(interactions, signing);
    allowItems(interactions, stores.channelsTable, ['PutItem']);
    allowLimiting(interactions, stores, 'slack');
    return { step, delivery, interactions };
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
    allowSending(step, ...new Set(channels.map(({ delivery }) => delivery.queue)));
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters');
    consumeLedger(step, { table: stores.ledgerTable, deadLetters, from: 'now' });
    return { step, deadLetters };
  }
}
