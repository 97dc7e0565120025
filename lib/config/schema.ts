import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { channelsConfig } from '../../lambdas/channels/contract';
import { ledgerConfig } from '../../lambdas/checkpoint-ledger/contract';
import { githubConfig } from '../../lambdas/receive-github/contract';
import { principalRule } from '../../lambdas/record-starter/contract';
import { ruleOf, sourceRule } from '../../lambdas/runners/env';
import { concurrencyCaps } from '../../lambdas/shared/contract';
import { access } from './access';
import { identifier } from './identifier';
import { schedules } from './schedules';
import { signIn } from './sign-in';
import { targets } from './targets';

const policyEnvironments = join(__dirname, '../../policies/plan/environments');

/** Months, years and days that CloudWatch Logs accepts as retention. */
const logRetentionDays = z.union(
  [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ].map((days) => z.literal(days)),
  { error: 'CloudWatch Logs keeps 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 … 3653 days' },
);
const wholeDays = z.int().min(1).max(36500);

/** How a message reaches a person: by e-mail, or into a queue that an inbox page shows. */
const delivery = z.enum(['email', 'queue']);
const person = z.strictObject({ id: identifier, email: z.email(), delivery });
const listOf = <T extends z.ZodType<{ readonly id: string }>>(one: T) =>
  z
    .array(one)
    .min(1)
    .max(20)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'an id stands here twice');
const people = listOf(person);
/** Without sign-in, the groups of a person stand here; policies/approval says what each group may. */
const approvers = listOf(
  z.strictObject({ ...person.shape, groups: z.array(identifier).min(1).default(['approver']) }),
);

const network = z.strictObject({
  /** IPv4 range of the VPC; both zones and all tiers fit into /16 to /24. */
  cidr: z.cidrv4().regex(/\/(1[6-9]|2[0-4])$/, 'the range must be /16 to /24'),
  /** How workers reach AWS and the internet: one NAT gateway, interface endpoints only, or not at all. */
  egress: z.enum(['nat', 'endpoints', 'none']),
});

const data = z
  .strictObject({
    /** Whether keys, buckets and tables outlive the stack, deletion protection included. */
    retain: z.boolean(),
    /** Object Lock of the audit bucket: nobody (`compliance`) or almost nobody (`governance`) deletes earlier. */
    auditLock: z.strictObject({ mode: z.enum(['governance', 'compliance']), days: wholeDays }),
    /** Plans, logs and reports are deleted after this. */
    artifactDays: wholeDays,
    /** Replaced versions of state and artifacts are deleted after this. */
    replacedVersionDays: wholeDays,
    /** States that were about to be destroyed are deleted after this: nothing else is left of what they tell. */
    finalStateDays: wholeDays.default(400),
  })
  .refine(({ replacedVersionDays, finalStateDays }) => finalStateDays > replacedVersionDays, {
    path: ['finalStateDays'],
    error: 'keep states of what was destroyed longer than replaced versions',
  });

const approval = z.strictObject({
  approvers,
  /** Who stands behind which identity that starts runs; the first that fits counts. Whom none names may start only what asks nobody. */
  principals: z.array(principalRule).max(200).default([]),
  /** Mails about approvals that one person gets within ten minutes; what is more comes in one digest. */
  mailBudget: z.int().min(1).max(1000).default(5),
  /** Calls that one caller (a network, a link, a session) may make in five minutes. */
  callerLimits: z
    .strictObject({
      answers: z.int().min(1).default(60),
      signIns: z.int().min(1).default(60),
      webhooks: z.int().min(1).default(600),
    })
    .prefault({}),
  /** Whether a personal link alone is not enough and the approver signs in through OIDC. */
  signInRequired: z.boolean(),
  signIn: signIn.optional(),
  /** Where people reach the approval pages; `{restApiId}` and `{stage}` are filled in. Default: the stage's own URL. */
  publicBaseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Web application firewall in front of the pages. */
  firewall: z.boolean(),
});

const runnerPackaging = z.discriminatedUnion('kind', [
  /** A zip for Lambdas that run as processes of a machine that has the tools. */
  z.strictObject({ kind: z.literal('bundle') }),
  /** An image that somebody else built: named by digest, so that it cannot change underneath. */
  z.strictObject({
    kind: z.literal('image-by-digest'),
    repository: z.string().min(2),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits'),
  }),
  /** CodeBuild builds the image during deployment: no Docker on the machine that deploys. */
  z.strictObject({ kind: z.literal('build-in-account') }),
]);

const hostAccess = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('controller'),
    url: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }),
    tokenFile: z.string().min(1),
  }),
  z.strictObject({ kind: z.literal('ec2') }),
]);

const runner = z.strictObject({
  packaging: runnerPackaging,
  /** Lambda has no `/dev/shm`, which Ansible needs: on AWS it is always Fargate. */
  ansibleRunsOn: z.enum(['lambda', 'fargate']),
  hostAccess,
  /** Repositories that modules may come from beside the catalogue. */
  sources: z.array(sourceRule).max(20).default([]),
  /** Folder of `policies/plan/environments` whose settings replace those for all. Default: those for all. */
  policyEnvironment: identifier.optional(),
  /** Folder with providers for OpenTofu. Default: their registry. */
  providerMirror: z.string().min(1).optional(),
});

const isLoopback = (url: string): boolean => ['127.0.0.1', 'localhost'].includes(new URL(url).hostname);

/** Everything in which environments differ. Stacks decide from these values, never from the name. */
export const environmentConfig = z
  .strictObject({
    name: identifier,
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1'),
    /** Named here, so that synth needs no credentials for a look-up. */
    zones: z.tuple([z.string(), z.string()]),
    network,
    data,
    /** Checkpoints of the ledger: what they are called, how often they are made, and who cosigns. */
    ledger: ledgerConfig,
    logRetentionDays,
    /** X-Ray traces. */
    tracing: z.boolean(),
    approval,
    /** Who may become the IAM roles of people. @default no such role is made */
    access,
    /** Who hears how a run ended. */
    notify: people,
    /** Who else is told: webhooks, and which events they get. @default nobody */
    channels: channelsConfig.default({ webhooks: [], routes: [], loopback: false }),
    /** Who hears of alarms. */
    alarmEmails: z.array(z.email()).max(20),
    runner,
    /** Workflows that the clock starts. @default none */
    schedules,
    /** Workspaces of one tenant that runs hold at once. @default no limit */
    concurrency: concurrencyCaps,
    /** Hours from its first apply that a workspace may be given to live. @default a year, as long as modules take */
    mostTimeToLiveHours: z
      .int()
      .min(1)
      .max(24 * 365)
      .default(24 * 365),
    /** Accounts of tenants. With one entry, a workspace that none covers is refused. @default all in our own account */
    targets,
    /** Repositories on GitHub whose pushes and pull requests are planned. @default none */
    github: githubConfig.optional(),
    /** Drop what the local emulator lacks (see lib/emulator-gaps.ts). */
    emulated: z.boolean(),
  })
  .superRefine((config, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const zone of config.zones)
      if (!(zone.startsWith(config.region) && zone.length > config.region.length))
        refuse(['zones'], `${zone} is not a zone of ${config.region}`);
    if (config.zones[0] === config.zones[1]) refuse(['zones'], 'two different zones are needed');
    const { signIn, signInRequired } = config.approval;
    if (signInRequired && !signIn)
      refuse(['approval', 'signIn'], 'sign-in is required, so an issuer must be named');
    if (signIn && !signInRequired)
      refuse(
        ['approval', 'signInRequired'],
        'people sign in or have personal links, not both: with signIn, this is true',
      );
    if (signIn && !signIn.issuer.startsWith('https:') && !(config.emulated && isLoopback(signIn.issuer)))
      refuse(
        ['approval', 'signIn', 'issuer'],
        'an issuer speaks HTTPS (on the local platform, or is on this machine)',
      );
    if (config.channels.loopback && !config.emulated)
      refuse(['channels', 'loopback'], 'in AWS, this machine itself is nobody that could be told');
    for (const [index, { url }] of config.ledger.witnesses.entries())
      if (!url.startsWith('https:') && !(config.emulated && isLoopback(url)))
        refuse(
          ['ledger', 'witnesses', String(index), 'url'],
          'a witness is asked over HTTPS (on the local platform, or is on this machine)',
        );
    for (const [index, { repository }] of (config.github?.mappings ?? []).entries()) {
      const git = `${config.github?.webUrl}/${repository}.git`;
      if (!ruleOf({ git }, config.runner.sources))
        refuse(
          ['github', 'mappings', String(index), 'repository'],
          `${git} is not among the repositories that modules may come from (runner.sources)`,
        );
    }
    const { packaging, ansibleRunsOn, hostAccess: hosts, policyEnvironment } = config.runner;
    if (
      policyEnvironment !== undefined &&
      !existsSync(join(policyEnvironments, policyEnvironment, 'data.json'))
    )
      refuse(
        ['runner', 'policyEnvironment'],
        `there is no policies/plan/environments/${policyEnvironment}/data.json`,
      );
    if (packaging.kind === 'bundle' && ansibleRunsOn === 'fargate')
      refuse(['runner', 'ansibleRunsOn'], 'Fargate needs an image, and the packaging is a bundle');
    if (packaging.kind === 'bundle' && !config.emulated)
      refuse(
        ['runner', 'packaging'],
        'a bundle has no tools in it: outside the local platform, name or build an image',
      );
    if (!config.emulated && ansibleRunsOn === 'lambda')
      refuse(['runner', 'ansibleRunsOn'], 'Lambda has no /dev/shm, which Ansible needs: use fargate');
    if (hosts.kind === 'ec2' && config.network.egress !== 'nat')
      refuse(
        ['network', 'egress'],
        'EC2 Instance Connect has no interface endpoint: host access ec2 needs nat',
      );
  });
/** One environment, checked. */
export type EnvironmentConfig = z.infer<typeof environmentConfig>;
/** One environment as its file states it. */
export type EnvironmentInput = z.input<typeof environmentConfig>;

/** What only the machine knows on which the local platform runs: `-c local='{"gatewayPort":4566,…}'`. */
export const localPlatform = z.strictObject({
  gatewayPort: z.int().min(1).max(65535).default(4566),
  hostControllerUrl: z.string().default('http://127.0.0.1:4580'),
  hostControllerTokenFile: z.string().min(1).default('.local/host-controller.token'),
  providerMirror: z.string().min(1).optional(),
  /** Channels to try out; they may be on this machine. */
  channels: z.looseObject({}).optional(),
  /** Have people sign in with this provider. @default personal links */
  signIn: signIn.optional(),
});
export type LocalPlatform = z.infer<typeof localPlatform>;
