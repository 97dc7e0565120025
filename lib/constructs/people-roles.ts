import { DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  CompositePrincipal,
  ManagedPolicy,
  PermissionsBoundary,
  PolicyStatement,
  type PrincipalBase,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type AccessConfig, type PeopleRole, peopleRoles } from '../config/access';
import { pascal } from './compose-workflows';
import { PeopleBoundary } from './people-boundary';
import { allowAs, type PeopleReach } from './people-permissions';

export interface PeopleRolesProps extends PeopleReach {
  /** Who may become what. A role that is not named here is not made. */
  readonly access: AccessConfig;
  /** Put before the names of policies, which a permission set of IAM Identity Center names them by. */
  readonly namePrefix: string;
}

/** How long a session lasts at most. Whoever comes as a role, as from IAM Identity Center, has one hour in any case. */
const hours: Readonly<Record<PeopleRole, number>> = {
  operator: 4,
  approver: 1,
  auditor: 4,
  admin: 1,
  'break-glass': 1,
};

const descriptions: Readonly<Record<PeopleRole, string>> = {
  operator: 'Starts and stops runs, and sees how they stand',
  approver: 'Asks why somebody may or may not decide; deciding itself is on the pages',
  auditor: 'Reads the record, and nothing that a run worked with',
  admin: 'Deploys, and says who answers for whom; decides nothing',
  'break-glass': 'Stops, freezes and repairs in an emergency, and sees all but secrets and states',
};

/**
 * IAM roles for people, one for each word of docs/roles.md that the environment names. What one may do stands in a
 * managed policy of a fixed name, so that a permission set can hold it as well, and its boundary too.
 */
export class PeopleRoles extends Construct {
  readonly roles: Readonly<Partial<Record<PeopleRole, Role>>>;
  /** What each may do, for constructs that have something to add. */
  readonly policies: Readonly<Partial<Record<PeopleRole, ManagedPolicy>>>;

  constructor(scope: Construct, id: string, props: PeopleRolesProps) {
    super(scope, id);
    const { access, namePrefix, stores } = props;
    const named = peopleRoles.flatMap((role) => {
      const found = access[role];
      return found ? [{ role, ...found }] : [];
    });
    const boundary = named.some(({ role }) => role !== 'admin')
      ? new PeopleBoundary(this, 'Boundary', { stores, name: `${namePrefix}-people-boundary` })
      : undefined;
    const adminBoundary = access.admin
      ? new PeopleBoundary(this, 'AdminBoundary', {
          stores,
          name: `${namePrefix}-admin-boundary`,
          mayBecome: this.deployers(),
        })
      : undefined;
    const policies: Partial<Record<PeopleRole, ManagedPolicy>> = {};
    const roles: Partial<Record<PeopleRole, Role>> = {};
    for (const { role: name, assumedBy } of named) {
      const policy = new ManagedPolicy(this, `${pascal(name)}Policy`, {
        managedPolicyName: `${namePrefix}-${name}`,
        description: descriptions[name],
      });
      policies[name] = policy;
      allowAs(name, policy, props);
      if (name === 'admin')
        policy.addStatements(
          new PolicyStatement({ actions: ['sts:AssumeRole'], resources: this.deployers() }),
        );
      const trust = this.trust(assumedBy);
      if (!trust) continue;
      const role = new Role(this, pascal(name), {
        assumedBy: trust,
        description: descriptions[name],
        maxSessionDuration: Duration.hours(hours[name]),
        managedPolicies: [policy],
      });
      const most = name === 'admin' ? adminBoundary : boundary;
      if (most) PermissionsBoundary.of(role).apply(most.policy);
      roles[name] = role;
    }
    this.roles = roles;
    this.policies = policies;
  }

  /**
   * Accounts, narrowed to the roles and users that are named. A user has a second factor; whoever comes as a role was
   * asked for it by a provider of theirs, and AWS tells us nothing of that.
   */
  private trust(identities: readonly string[]): PrincipalBase | undefined {
    const { account: own, partition } = Stack.of(this);
    const trusted = identities.map((identity) => {
      const [, account = own, name = ''] = /^(?:(\d{12}):)?(.+)$/.exec(identity) ?? [];
      const principal = new AccountPrincipal(account);
      if (name === 'root') return principal;
      return principal.withConditions({
        ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:${name}` },
        ...(name.startsWith('user/') && { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      });
    });
    return trusted.length > 0 ? new CompositePrincipal(...trusted) : undefined;
  }

  /** The roles that `cdk bootstrap` made, which deployments are done as. */
  private deployers(): string[] {
    const { account, partition, region, synthesizer } = Stack.of(this);
    const qualifier = synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
    return ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(
      (what) => `arn:${partition}:iam::${account}:role/cdk-${qualifier}-${what}-role-${account}-${region}`,
    );
  }
}
