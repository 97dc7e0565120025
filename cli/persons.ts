import { userInfo } from 'node:os';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import {
  type HeldItem,
  type PersonalDataOutput,
  personalDataInput,
  personalDataOutput,
} from '../lambdas/personal-data/contract';
import { describeIssues } from '../lambdas/shared/define-step';
import { InvalidInputError } from '../lambdas/shared/errors';
import { invokeFunction } from '../lambdas/shared/invoke-function';
import { plainText } from '../lambdas/shared/plain-text';
import { requireOutputs } from './deployed-outputs';

interface Deps {
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/** Everything that is held of one person. */
export interface HeldData {
  readonly person: string;
  /** Under which other names they are known. */
  readonly also: readonly string[];
  readonly held: readonly HeldItem[];
  /** What keeps them from being erased now. */
  readonly hindrances: readonly string[];
}

type Asked = { readonly action: 'export' } | { readonly action: 'erase'; readonly reason: string };

/** Calls the function part by part. Names that one part tells are looked for in all others as well. */
const walk = async (
  deps: Deps,
  person: string,
  asked: Asked,
  known: readonly string[],
): Promise<HeldData> => {
  const { personalDataFunction } = await requireOutputs(deps.cloudFormation, deps.environment);
  const held: HeldItem[] = [];
  const hindrances: string[] = [];
  let also: readonly string[] = known;
  let from: PersonalDataOutput['next'] = null;
  do {
    const input = personalDataInput.safeParse({
      ...asked,
      person,
      also,
      from,
      ...(asked.action === 'erase' && { by: userInfo().username }),
    });
    if (!input.success) throw new InvalidInputError(`That does not fit. ${describeIssues(input.error)}`);
    const part: PersonalDataOutput = personalDataOutput.parse(
      await invokeFunction(deps.lambda, personalDataFunction, input.data),
    );
    held.push(...part.found);
    hindrances.push(...part.hindrances);
    ({ also, next: from } = part);
  } while (from !== null);
  return { person, also, held, hindrances };
};

/**
 * All personal data that the product holds of somebody, with where each stands.
 *
 * @throws InvalidInputError when the environment is not deployed.
 */
export const exportPerson = async (deps: Deps, person: string): Promise<HeldData> => {
  const first = await walk(deps, person, { action: 'export' }, []);
  // Another name may have come up after the place was passed at which it stands.
  return first.also.length === 0 ? first : walk(deps, person, { action: 'export' }, first.also);
};

/**
 * Erases somebody.
 *
 * @throws InvalidInputError when it was not confirmed, or something still has to know who they are: nothing was erased.
 */
export const erasePerson = async (
  deps: Deps,
  { person, reason, confirm }: { person: string; reason: string; confirm: string | null },
): Promise<HeldData> => {
  const held = await exportPerson(deps, person);
  if (held.hindrances.length > 0)
    throw new InvalidInputError(
      `${plainText(person, 128)} cannot be erased yet, and nothing was. ${held.hindrances.join(' ')}`,
    );
  if (confirm !== person)
    throw new InvalidInputError(
      `Nothing was erased. ${heldText(held)} To erase all but the ledger's entries for good, say the same with --confirm ${plainText(person, 128)}`,
    );
  return walk(deps, person, { action: 'erase', reason }, held.also);
};

/** How much is held, in a sentence. */
export const heldText = ({ person, also, held }: HeldData): string => {
  const counts = new Map<string, number>();
  for (const { where } of held) counts.set(where, (counts.get(where) ?? 0) + 1);
  const list = [...counts].map(([where, count]) => `${count} in ${where}`).join(', ');
  const names = also.length === 0 ? '' : ` (also known as ${also.join(', ')})`;
  return plainText(`${person}${names}: ${list || 'nothing is held'}.`, 1000);
};
