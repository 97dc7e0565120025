import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import {
  type ExplainApprovalInput,
  type ExplainApprovalOutput,
  explainApprovalOutput,
} from '../lambdas/explain-approval/contract';
import { invokeFunction } from '../lambdas/shared/invoke-function';
import { plainText } from '../lambdas/shared/plain-text';
import { requireOutputs } from './deployed-outputs';

interface Deps {
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/**
 * Asks why somebody may or may not decide on what a run asks for.
 *
 * @throws InvalidInputError when there is no such run, it asks for nothing, or the environment is not deployed.
 */
export const explainApproval = async (
  deps: Deps,
  { runId, person, groups }: ExplainApprovalInput,
): Promise<ExplainApprovalOutput> => {
  const { explainApprovalFunction } = await requireOutputs(deps.cloudFormation, deps.environment);
  const input = { runId, person, ...(groups && { groups }) };
  return explainApprovalOutput.parse(await invokeFunction(deps.lambda, explainApprovalFunction, input));
};

/** An explanation for people. */
export const explanationText = (said: ExplainApprovalOutput): string => {
  const may = (what: string, { allowed, why }: ExplainApprovalOutput['approve']): string =>
    `  ${what}: ${allowed ? 'yes' : 'no'}. ${why}`;
  return [
    `${said.person} (${said.groups.join(', ') || 'no group'}) and ${said.workspace}, run ${said.runId}, ${said.status}:`,
    `  ${said.summary}`,
    may('approve', said.approve),
    may('reject', said.reject),
    may('break the glass', said.breakGlass),
    may('ask for it', said.ask),
    `  asked for by: ${said.askedFor}`,
    ...said.waitsFor.map((line) => `  ${line}`),
    ...said.wouldHelp.map((line) => `  would help: ${line}`),
  ]
    .map((line) => plainText(line, 1000))
    .join('\n');
};
