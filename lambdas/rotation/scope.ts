import * as z from 'zod';
import { InvalidInputError } from '../shared/errors';

/** `arn:…:secret:<name>-<six characters>` → `<name>`. */
export const nameOf = (arn: string): string =>
  /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}$/.exec(arn)?.[1] ?? arn;

/** Which secrets an environment rotates. */
export interface Scope {
  /** What the names of those begin with that roles make for workspaces. */
  readonly prefix: string;
  /** The names of the product's own. */
  readonly own: readonly string[];
}

/** The variables that say so. */
export const scopeVariables = {
  SECRETS_PREFIX: z.string(),
  /** ARNs, separated by spaces. */
  OWN_SECRETS: z.string(),
};

export const scopeOf = (env: { readonly SECRETS_PREFIX: string; readonly OWN_SECRETS: string }): Scope => ({
  prefix: env.SECRETS_PREFIX,
  own: env.OWN_SECRETS.split(' ').map(nameOf),
});

export const isWithin = ({ prefix, own }: Scope, credential: string): boolean =>
  credential.startsWith(prefix) || own.includes(credential);

/** @throws InvalidInputError where one is none of this environment's. */
export const requireWithin = (scope: Scope, credentials: readonly string[]): void => {
  const foreign = credentials.find((credential) => !isWithin(scope, credential));
  if (foreign !== undefined)
    throw new InvalidInputError(
      `The secret ${foreign} is none of this environment's: their names begin with ${scope.prefix}, or are ${scope.own.join(', ')}.`,
    );
};
