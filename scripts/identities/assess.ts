import { sessionFor } from '../../lambdas/broker-credentials/session';
import type { EnvironmentConfig } from '../../lib/config/schema';
import { type Document, type Identities, identitiesOf, type Role } from './roles';
import { ownWorkspace, type SensitiveAction, sensitiveActions } from './sensitive-actions';
import { type Decision, fillIn, makeSimulator, type Question, type RoleInUse } from './simulator';

/** What every role answers to one sensitive action. */
export interface Answered {
  readonly asked: SensitiveAction;
  readonly decisions: ReadonlyMap<string, Decision>;
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
  const identities = { ...found, resourcePolicies: { ...found.resourcePolicies, ...trusts } };
  const roles = identities.roles.map(inUse(identities.arnOf('State')));
  const simulate = makeSimulator(pythonBin, identities, roles);
  const actions = sensitiveActions(identities.arnOf);
  const decisions = simulate(
    actions.flatMap(({ action, resource, context, region }) =>
      roles.map(
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
  return {
    roles,
    simulate,
    answers: actions.map(
      (asked, index): Answered => ({
        asked,
        decisions: new Map(
          roles.map(({ name }, at) => [name, decisions[index * roles.length + at] ?? 'ImplicitDeny']),
        ),
      }),
    ),
  };
};
