import { userInfo } from 'node:os';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { setDelegationInput, setDelegationOutput } from '../lambdas/set-delegation/contract';
import { describeIssues } from '../lambdas/shared/define-step';
import type { DelegationRecord } from '../lambdas/shared/delegation-store';
import { InvalidInputError } from '../lambdas/shared/errors';
import { invokeFunction } from '../lambdas/shared/invoke-function';
import { requireOutputs } from './deployed-outputs';

interface Deps {
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

type Call =
  | {
      readonly command: 'delegate';
      readonly from: string;
      readonly to: string;
      readonly until: string;
      readonly reason: string;
    }
  | { readonly command: 'undelegate'; readonly from: string };

/**
 * Lets somebody answer for another, or ends that.
 *
 * @throws InvalidInputError when it does not fit, or the rules do not allow it.
 */
export const setDelegation = async (deps: Deps, call: Call): Promise<DelegationRecord> => {
  const by = userInfo().username;
  const input = setDelegationInput.safeParse(
    call.command === 'delegate'
      ? { action: 'make', from: call.from, to: call.to, until: call.until, reason: call.reason, by }
      : { action: 'end', from: call.from, by },
  );
  if (!input.success) throw new InvalidInputError(`That does not fit. ${describeIssues(input.error)}`);
  const { setDelegationFunction } = await requireOutputs(deps.cloudFormation, deps.environment);
  return setDelegationOutput.parse(await invokeFunction(deps.lambda, setDelegationFunction, input.data));
};

/** What was done, for people. */
export const delegationText = ({ from, to, until, endedAt }: DelegationRecord): string =>
  endedAt === undefined
    ? `${to} may answer for ${from} until ${until}; ${from} does not answer meanwhile.`
    : `${from} answers for themselves again.`;
