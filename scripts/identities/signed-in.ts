import type { PeopleRole } from '../../lib/config/access';
import type { Keys, makeEnforcedAccount } from './enforced-account';
import type { Role } from './roles';
import { peopleIdentities } from './sensitive-actions';

type Account = Awaited<ReturnType<typeof makeEnforcedAccount>>;

const reserved = (name: string): string =>
  `arn:aws:iam::000000000000:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_${name}_0a1b2c`;

/** Whom IAM Identity Center makes people that may become a role here. */
const permissionSet: Readonly<Record<PeopleRole, string>> = {
  operator: reserved('OrchestratorOperator'),
  approver: reserved('OrchestratorApprover'),
  auditor: reserved('OrchestratorAuditor'),
  admin: reserved('OrchestratorAdmin'),
  'break-glass': reserved('OrchestratorBreakGlass'),
};

/** A role of the account, of whoever administers it: what stops it here is not itself. */
export const whoMayEverything = ({ account }: Pick<Account, 'account'>, arn: string): Role => {
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  };
  return { name: arn, arn, tags: {}, trust, policies: [all], boundary: all };
};

/** Somebody who comes from IAM Identity Center: as they are before they become anything here, and as their role. */
export const signedIn = async (account: Account, word: PeopleRole): Promise<{ person: Keys; role: Keys }> => {
  const own = permissionSet[word];
  await account.makeRoles([whoMayEverything(account, own)]);
  const person = await account.assume(account.rootKeys, own);
  return { person, role: await account.assume(person, peopleIdentities[word]) };
};
