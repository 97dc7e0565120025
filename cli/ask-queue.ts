import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { type Queue, queue, queueInput } from '../lambdas/lock-doctor/contract';
import { InvalidInputError } from '../lambdas/shared/errors';
import { invokeFunction } from '../lambdas/shared/invoke-function';
import { plainText } from '../lambdas/shared/plain-text';
import { requireOutputs } from './deployed-outputs';

interface Deps {
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/**
 * Asks who has a workspace, or workspaces of a tenant, and who waits for what.
 *
 * @throws InvalidInputError when that is neither's name, or the environment is not deployed.
 */
export const askQueue = async (deps: Deps, queueOf: string): Promise<Queue> => {
  if (!queueInput.safeParse({ queueOf }).success)
    throw new InvalidInputError(
      `"${plainText(queueOf, 80)}" is neither a workspace, <tenant>/<name>, nor a tenant.`,
    );
  const { lockDoctorFunction } = await requireOutputs(deps.cloudFormation, deps.environment);
  return queue.parse(await invokeFunction(deps.lambda, lockDoctorFunction, { queueOf }));
};

/** A queue for people: who has what, then who waits, the first that is served first. */
export const queueText = ({ scope, cap, held, waiting }: Queue): string => {
  const limit =
    cap === null ? '' : `, of ${cap} workspace${cap === 1 ? '' : 's'} that its tenant may have at once`;
  return [
    `${scope}: ${held.length} held, ${waiting.length} wait${waiting.length === 1 ? 's' : ''}${limit}`,
    ...held.map(({ workspace, runId, since }) => `  ${workspace} is held by ${runId} since ${since}`),
    ...waiting.map(
      ({ runId, workspace, behind }, index) =>
        `  ${index + 1}. ${runId} waits for ${workspace}: ${behind === null ? 'its tenant has no place' : `${behind} has it`}`,
    ),
    ...(held.length === 0 && waiting.length === 0 && !scope.includes('/')
      ? ['  No cap limits this tenant, or nobody has or wants a workspace of it. Ask by --workspace NAME.']
      : []),
  ].join('\n');
};
