import type { KnownPerson, OwnStarter, PrincipalRule, UserIdentity } from './contract';

/** Somebody as AWS knows them: the text that configuration names them by. */
interface Caller {
  readonly principal: string;
  /** The function of ours that called, whose own word counts for who asked it. */
  readonly own?: OwnStarter;
}

const lastOf = (arn: string): string[] => arn.slice(arn.lastIndexOf(':') + 1).split('/');

const assumedRole = (identity: UserIdentity): string => {
  const [, role = '', session = ''] = lastOf(identity.arn ?? '');
  // Only IAM Identity Center makes roles below this path, and it alone names their sessions.
  const isReserved = identity.sessionContext?.sessionIssuer?.arn?.includes(
    ':role/aws-reserved/sso.amazonaws.com/',
  );
  const parts = role.split('_');
  return isReserved && parts[0] === 'AWSReservedSSO' && parts.length > 2
    ? `sso/${parts.slice(1, -1).join('_')}/${session}`
    : `role/${role}/${session}`;
};

const nameOf = (identity: UserIdentity): string => {
  switch (identity.type) {
    case 'Root':
      return 'root';
    case 'IAMUser':
      return `user/${identity.userName ?? lastOf(identity.arn ?? '').at(-1)}`;
    case 'AssumedRole':
      return assumedRole(identity);
    case 'FederatedUser':
      return `federated/${lastOf(identity.arn ?? '').at(-1)}`;
    case 'AWSService':
      return `service/${identity.invokedBy ?? 'unknown'}`;
    default:
      return `other/${identity.type}`;
  }
};

/** Who called, in the account that they called in or in another. */
export const callerOf = (
  identity: UserIdentity,
  { account, ownStarters }: { account: string; ownStarters: readonly OwnStarter[] },
): Caller => {
  const name = nameOf(identity);
  if (identity.type !== 'AWSService' && identity.accountId !== account)
    return { principal: `account/${identity.accountId ?? 'unknown'}/${name}` };
  const own = ownStarters.find(({ role }) => name.startsWith(`role/${role}/`));
  return { principal: name, ...(own && { own }) };
};

/** Whether a text fits a pattern in which `*` stands for anything; without going back more than once a star. */
const fits = (pattern: string, text: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
};

const capture = ({ principal: pattern, person }: PrincipalRule, principal: string): string | undefined => {
  const parts = principal.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return undefined;
  if (!wanted.every((part, at) => part === '{person}' || fits(part, parts[at] ?? ''))) return undefined;
  // Addresses are known in lower case.
  return person ?? parts[wanted.indexOf('{person}')]?.toLowerCase();
};

export interface StartedBy {
  readonly principal: string;
  readonly person: string;
  readonly groups: string[];
}

/** Who stands behind a principal. Whom nothing names is known by it, and belongs to no group. */
export const personBehind = (
  principal: string,
  rules: readonly PrincipalRule[],
  people: readonly KnownPerson[],
): StartedBy => {
  for (const rule of rules) {
    const name = capture(rule, principal);
    if (name === undefined || name === '') continue;
    const known = people.find(({ id, email }) => id === name || email.toLowerCase() === name.toLowerCase());
    return {
      principal,
      person: known?.id ?? name,
      groups: [...new Set([...rule.groups, ...(known?.groups ?? [])])],
    };
  }
  return { principal, person: principal, groups: [] };
};
