import * as z from 'zod';
import { workspacePattern } from '../approval-rules/workspace-pattern';
import { outcome, planCounts } from '../shared/contract';
import { secretArn, segment, sha256 } from '../shared/names';
import { planGroup, planGroups } from '../shared/plan-document';
import { urlProblem } from './request-url';

const people = z.array(z.string().max(300)).max(40);

/** Of an approval; what is absent was not recorded by the version that asked. */
const ofApproval = {
  approvalId: z.string().max(128),
  changeDigest: sha256,
  /** The change in a sentence: no values, no comments. */
  headline: z.string().max(1000).optional(),
  workflow: z.string().max(128).optional(),
  counts: planCounts.optional(),
  dangers: z.array(planGroup).optional(),
};
const ofAnswer = {
  ...ofApproval,
  outcome: z.enum(['approved', 'rejected']),
  /** The comment itself stays on the page; whoever has it can tell that it is this one. */
  commentDigest: sha256.nullable(),
};

const ofCredential = {
  /** As its store names it. */
  credential: z.string().max(512),
  strategy: z.string().max(63).nullable(),
  /** Who answers for it, by its tag. */
  owner: z.string().max(256).nullable().default(null),
  /** The error's stable name; what it says stays on the page. */
  error: z.string().max(256).nullable(),
};

/** What an event tells beyond what all events do, by its type. Nothing else of a ledger entry leaves. */
const dataByType = {
  'run.started': z.object({ workflow: z.string().max(128) }),
  'run.refused': z.object({ error: z.string().max(256).nullable() }),
  'run.ended': z.object({
    workflow: z.string().max(128),
    outcome,
    changeDigest: sha256.nullable(),
    /** The error's stable name; what it says stays on the page and in the mail. */
    error: z.string().max(256).nullable(),
  }),
  'compliance.checked': z.object({ failed: z.int().min(0), new: z.int().min(0) }),
  'drift.checked': z.object({ total: z.int().min(0), new: z.int().min(0) }),
  'approval.requested': z.object({ ...ofApproval, expiresAt: z.string().max(32), approvers: people }),
  'approval.reminded': z.object(ofApproval),
  'approval.escalated': z.object({
    ...ofApproval,
    /** The group that is asked from now on, too. */
    to: z.string().max(63).optional(),
  }),
  'approval.expired': z.object(ofApproval),
  'approval.voided': z.object(ofApproval),
  'answer.given': z.object(ofAnswer),
  'glass.broken': z.object(ofAnswer),
  'decision.made': z.object({ ...ofApproval, outcome: z.enum(['approved', 'rejected']), by: people }),
  'credential.rotation-abandoned': z.object(ofCredential),
  'credential.rotation-rolled-back': z.object(ofCredential),
  'credential.rotation-overdue': z.object(ofCredential),
  'credential.rotation-stuck': z.object(ofCredential),
  'callback.undeliverable': z.object({ reason: z.string().max(2048) }),
} as const;

export type EventType = keyof typeof dataByType;
export const eventTypes = Object.keys(dataByType) as [EventType, ...EventType[]];

const ofEvery = {
  version: z.literal(1),
  /** The same in every delivery, replays included: whoever has seen it needs no second look. */
  id: z.string().regex(/^evt_[0-9a-f]{32}$/),
  /** When it happened; ISO 8601, UTC. */
  timestamp: z.string().max(32),
  environment: segment,
  tenant: z.string().max(63),
  /** Its place in the tenant's ledger: a later event has a higher one. */
  sequence: z.int().min(1),
  /** Of an execution that was refused, whatever it was called. */
  runId: z.string().max(128),
  /** `null` where none is known. */
  workspace: z.string().max(127).nullable(),
  /**
   * Who a person is known as, name of a part of the product, or `unverified:` and what somebody said of themselves.
   * While it waits in a queue it has references in the place of people.
   */
  actor: z.string().max(2000),
  /** The approval's page, without a key: who opens it signs in, or uses the link of their own mail. */
  link: z.string().max(2048).nullable(),
};

const variants = eventTypes.map((type) =>
  z.object({ type: z.literal(type), ...ofEvery, data: dataByType[type] }),
);

/** What a channel tells the outside of one ledger entry. Readers ignore fields that they do not know. */
export const channelEvent = z.discriminatedUnion(
  'type',
  variants as [(typeof variants)[number], ...(typeof variants)[number][]],
);

/** An event of one type, e.g. `ChannelEvent<'decision.made'>`. */
export type ChannelEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K;
    readonly data: z.infer<(typeof dataByType)[K]>;
  } & { readonly [N in keyof typeof ofEvery]: z.infer<(typeof ofEvery)[N]> };
}[T];

/** What waits in the queue of a channel. */
export const delivery = z.strictObject({
  /** e.g. `webhook:itsm` */
  to: z.string().max(80),
  event: channelEvent,
});

const channelName = z
  .string()
  .regex(/^(webhook|slack):[a-z0-9][a-z0-9-]{0,62}$/, 'write it as webhook:<id> or slack:<id>');

/** Which channels are told: all routes that fit add up. */
export const route = z.strictObject({
  /** All that is said must fit; nothing said fits every event. */
  when: z.strictObject({
    workspaces: z.array(workspacePattern).min(1).optional(),
    environments: z.array(segment).min(1).optional(),
    /** Any of these; only an approval and what comes of it have dangers. */
    dangers: z.array(z.enum(planGroups)).min(1).optional(),
    /** Any of these; only credentials have owners, by their tag. */
    owners: z.array(z.string().min(1).max(256)).min(1).optional(),
  }),
  to: z.array(channelName).min(1).max(20),
});
export type Route = z.infer<typeof route>;

/** What a channel takes, whatever routes say. */
export const channelLimits = z.strictObject({
  name: channelName,
  /** Loud events come besides. Default: all. */
  events: z.array(z.enum(eventTypes)).min(1).optional(),
  /** Of no other workspace does anything leave through it, not even what is loud. Default: all. */
  workspaces: z.array(workspacePattern).min(1).optional(),
});
export type ChannelLimits = z.infer<typeof channelLimits>;

const channelsConfigShape = z.strictObject({
  /** Addresses that are told of events, each signed with a secret of its own. */
  webhooks: z
    .array(
      z.strictObject({
        id: segment,
        url: z.string(),
        /** Holds one `whsec_…`, or two while one takes the other's place. */
        secret: secretArn,
        events: channelLimits.shape.events,
        workspaces: channelLimits.shape.workspaces,
      }),
    )
    .max(10)
    .default([]),
  /** One Slack app, and the channels in which it writes. */
  slack: z
    .strictObject({
      /** Holds the app's `xoxb-…`. */
      botToken: secretArn,
      /** Holds what Slack signs its requests with. */
      signingSecret: secretArn,
      channels: z
        .array(
          z.strictObject({
            id: segment,
            channel: z.string().regex(/^[CG][A-Z0-9]{2,20}$/, 'the ID of a channel, as its details show it'),
            workspaces: channelLimits.shape.workspaces,
          }),
        )
        .min(1)
        .max(10),
      /** Another Slack, to try things out. */
      apiUrl: z.string().default('https://slack.com/api'),
      answersOrigin: z.string().default('https://hooks.slack.com'),
    })
    .optional(),
  /** Who is told of what: all routes that fit add up. Emergencies and failures go to all channels. */
  routes: z.array(route).max(20).default([]),
  /** Whether this machine itself may be called: only where AWS is emulated. */
  loopback: z.boolean().default(false),
});

/** A function's environment holds 4 KB, other names included; of each channel it has name, queue and events. */
const mostCharacters = 3600;
const eachChannel = 280;

/** The channels of an environment beside its mail. */
export const channelsConfig = channelsConfigShape.superRefine((config, context) => {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  for (const [index, { url }] of config.webhooks.entries()) {
    const problem = urlProblem(url, config);
    if (problem) refuse(['webhooks', index, 'url'], problem);
  }
  for (const key of ['apiUrl', 'answersOrigin'] as const) {
    const problem = config.slack && urlProblem(config.slack[key], config);
    if (problem) refuse(['slack', key], problem);
  }
  const slackChannels = config.slack?.channels ?? [];
  const names = [
    ...config.webhooks.map(({ id }) => `webhook:${id}`),
    ...slackChannels.map(({ id }) => `slack:${id}`),
  ];
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index) refuse([], `${name} stands here twice`);
  for (const [index, { to }] of config.routes.entries())
    for (const name of to)
      if (!names.includes(name))
        refuse(['routes', index, 'to'], `there is no channel ${name}; known: ${names.join(', ') || 'none'}`);
  const limits = [...config.webhooks, ...slackChannels].map(({ workspaces }) => workspaces ?? []);
  const said = [limits, config.webhooks.map(({ events }) => events ?? []), config.routes];
  const characters = JSON.stringify(said).length + eachChannel * names.length;
  if (characters > mostCharacters)
    refuse([], 'there are more channels, or longer routes and limits, than fit; use patterns');
});
export type ChannelsConfig = z.infer<typeof channelsConfig>;

/** What people in Slack are told, beside what is loud: that they are asked, and what came of it. */
export const slackEvents: EventType[] = [
  'approval.requested',
  'approval.reminded',
  'approval.escalated',
  'approval.expired',
  'approval.voided',
  'decision.made',
  'credential.rotation-abandoned',
  'credential.rotation-rolled-back',
  'credential.rotation-overdue',
  'credential.rotation-stuck',
];
