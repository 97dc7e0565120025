import type { LambdaClient } from '@aws-sdk/client-lambda';
import { type IssuedCredentials, issuedCredentials } from '../broker-credentials/contract';
import * as errors from '../shared/errors';
import { invokeFunction } from '../shared/invoke-function';
import type { IssueCredentials } from './lent-credentials';

const named: Readonly<Record<string, typeof errors.StepError | undefined>> = errors;

/** Asks the broker's function directly; its refusals keep their names. */
export const makeIssueCredentials =
  (client: Pick<LambdaClient, 'send'>, broker: string | undefined): IssueCredentials =>
  async (request): Promise<IssuedCredentials> => {
    if (broker === undefined)
      throw new errors.InvalidInputError('This runner has no credential broker: it runs no Terraform.');
    try {
      return issuedCredentials.parse(await invokeFunction(client, broker, request));
    } catch (error) {
      const Refusal = error instanceof Error ? named[error.name] : undefined;
      throw Refusal ? new Refusal((error as Error).message) : error;
    }
  };
