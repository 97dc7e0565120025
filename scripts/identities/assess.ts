import { sessionFor } from '../../lambdas/broker-credentials/session';
import { channelsConfig } from '../../lambdas/channels/contract';
import { type PeopleRole, peopleRoles } from '../../lib/config/access';
import { loadEnvironment } from '../../lib/config/load-environment';
import type { EnvironmentConfig } from '../../lib/config/schema';
import { needsOfCommands } from './commands';
import { type Document, type Identities, identitiesOf, type Role } from './roles';
import {
  deployers,
  ownWorkspace,
  peopleIdentities,
  type SensitiveAction,
  sensitiveActions,
} from './sensitive-actions';
import { type Decision, fillIn, makeSimulator, type Question, type RoleInUse } from './simulator';

/** What every role answers to one sensitive action. */
export interface Answered {
  readonly asked: SensitiveAction;
  readonly decisions: ReadonlyMap<string, Decision>;
  /** What somebody is told who may do everything in another account. */
  readonly stranger: Decision;
}

const digest = '0'.repeat(64);
const run = {
  runId: 'run-1',
  workspace: ownWorkspace,
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
};
const change = {
  id: 'run-1-change',
  digest,
  ref: { bucket: 'artifacts', key: 'runs/run-1/change.json', versionId: 'v', sha256: digest },
};

/** The session of a role that a broker lends: what it lends is narrower than the role. */
const sessionOf = ({ name }: Role, stateBucketArn: string) => {
  const purpose = /^Runner\/(Plan|Apply)Credentials\/Lent$/.exec(name)?.[1];
  if (purpose === undefined) return undefined;
  return sessionFor(
    purpose === 'Plan' ? { purpose: 'plan', run } : { purpose: 'apply', run, change },
    stateBucketArn,
  );
};

const inUse =
  (stateBucketArn: string) =>
  (role: Role): RoleInUse => {
    const { tags = {}, policy } = sessionOf(role, stateBucketArn) ?? {};
    return {
      ...role,
      policies: role.policies.map((one) => fillIn(one, tags)),
      sessionTags: { ...role.tags, ...tags },
      sessionPolicy: policy as Document | undefined,
    };
  };

/** Does everything in an account that is not ours. */
const stranger: RoleInUse = {
  name: 'stranger',
  tags: {},
  arn: 'arn:aws:iam::999900001111:role/everything',
  trust: {},
  policies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }],
  boundary: undefined,
  sessionTags: {},
  sessionPolicy: undefined,
};

/** As `cdk bootstrap` makes it: whoever the account lets. */
const deployerTrust = (account: string): Document => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' },
  ],
});

/** What the pages tell of: production, with somebody to tell. */
export const describedEnvironment = (): EnvironmentConfig => {
  const prod = loadEnvironment('prod');
  const secret = `arn:aws:secretsmanager:${prod.region}:111122223333:secret:webhook-itsm-a1b2c3`;
  const webhook = { id: 'itsm', url: 'https://itsm.example.com/hooks/orchestrator', secret };
  return {
    ...prod,
    channels: channelsConfig.parse({ ...prod.channels, webhooks: [webhook] }),
  };
};

/**
 * Asks for every role of an environment whether it may do each sensitive action.
 *
 * @param trusts of roles in other accounts, by their ARN
 */
export const assess = (
  config: EnvironmentConfig,
  pythonBin: string,
  trusts: Identities['resourcePolicies'] = {},
) => {
  const found = identitiesOf(config);
  const deploying = Object.fromEntries(
    deployers(found.region, found.account).map((arn) => [arn, deployerTrust(found.account)]),
  );
  const identities = { ...found, resourcePolicies: { ...found.resourcePolicies, ...deploying, ...trusts } };
  const roles = identities.roles.map(inUse(identities.arnOf('State')));
  const everybody = [...roles, stranger];
  const simulate = makeSimulator(pythonBin, identities, everybody);
  const actions = sensitiveActions(identities.arnOf);
  const decisions = simulate(
    actions.flatMap(({ action, resource, context, region }) =>
      everybody.map(
        (role): Question => ({
          role,
          action,
          resource,
          ...(context && { context }),
          ...(region && { region }),
        }),
      ),
    ),
  );
  /** By command, which roles of people may run it. */
  const commands = (): ReadonlyMap<string, readonly PeopleRole[]> => {
    const asked = Object.entries(needsOfCommands(identities.arnOf, config.name)).flatMap(([command, needs]) =>
      peopleRoles.flatMap((word) =>
        roles
          .filter(({ name }) => name === peopleIdentities[word])
          .flatMap((role) => needs.map((need) => ({ command, word, question: { role, ...need } }))),
      ),
    );
    const answered = simulate(asked.map(({ question }) => question));
    const refused = (command: string, word: PeopleRole): boolean =>
      asked.some((one, at) => one.command === command && one.word === word && answered[at] !== 'Allow');
    return new Map(
      [...new Set(asked.map(({ command }) => command))].map((command) => [
        command,
        peopleRoles.filter((word) => !refused(command, word)),
      ]),
    );
  };
  return {
    roles,
    simulate,
    commands,
    answers: actions.map((asked, index): Answered => {
      const answered = decisions.slice(index * everybody.length, (index + 1) * everybody.length);
      return {
        asked,
        decisions: new Map(roles.map(({ name }, at) => [name, answered[at] ?? 'ImplicitDeny'])),
        stranger: answered.at(-1) ?? 'ImplicitDeny',
      };
    }),
  };
};
