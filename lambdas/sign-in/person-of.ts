import type { Person } from '../approval-rules/people';

/** The statements of a verified ID token. */
export type Claims = Readonly<Record<string, unknown>>;

export interface PersonSettings {
  /** The claim that names a person for good. */
  readonly personClaim: string;
  readonly groupsClaim: string;
  /** Our groups, each with the provider's names for it. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** Why a person whom the provider signed in gets no session. The code is for logs, the sentences are for them. */
export interface NotAPerson {
  readonly code: 'unverified-email' | 'no-name' | 'too-many-groups' | 'no-role';
  readonly sentences: readonly string[];
}

/** Printable ASCII: no space, nothing invisible and no look-alike can make one person read as another. */
const readableName = /^[\x21-\x7e]{1,128}$/;

/** A provider with too many groups for a token names the claim as kept elsewhere. */
const isElsewhere = ({ _claim_names: elsewhere }: Claims, claim: string): boolean =>
  typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim);

const namesIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((name) => typeof name === 'string');

const refuse = (code: NotAPerson['code'], ...sentences: string[]) => ({ refused: { code, sentences } });

/**
 * Who somebody is, from what their provider says of them. Groups that nobody mapped give nothing, and without any of
 * ours there is nothing here for them to see.
 */
export const personOf = (
  claims: Claims,
  { personClaim, groupsClaim, groups }: PersonSettings,
): { readonly person: Person } | { readonly refused: NotAPerson } => {
  const name = claims[personClaim];
  if (personClaim === 'email' && claims.email_verified !== true)
    return refuse(
      'unverified-email',
      'Your sign-in provider does not vouch for your e-mail address, and people are known by it here.',
      'Confirm the address at the provider, or ask the people who run the orchestrator to name another claim.',
    );
  if (typeof name !== 'string' || !readableName.test(name))
    return refuse(
      'no-name',
      `Your sign-in provider did not say who you are in the claim ${personClaim}, or not in plain letters.`,
      'Tell the people who run the orchestrator: the provider has to be set up to send it.',
    );
  const id = personClaim === 'email' ? name.toLowerCase() : name;
  const given = new Set(namesIn(claims[groupsClaim]));
  const own = Object.entries(groups)
    .filter(([, names]) => names.some((one) => given.has(one)))
    .map(([group]) => group);
  if (own.length > 0) return { person: { id, groups: own } };
  return isElsewhere(claims, groupsClaim)
    ? refuse(
        'too-many-groups',
        `You are ${id}, and in more groups than your sign-in provider puts into a token, so it named none.`,
        'Tell the people who run the orchestrator: the provider has to be set up to send only the groups that count here.',
      )
    : refuse(
        'no-role',
        `You are ${id}, and none of your groups has a role here.`,
        'Ask for one of the groups, then sign in again: groups are read at each sign-in.',
      );
};
