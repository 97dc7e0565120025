import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ulid } from 'ulid';
import { canonicalJson, sha256Hex } from '../lambdas/shared/digest';
import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger-event';

interface StartRequest {
  readonly workflow: string;
  readonly stateMachineArn: string;
  readonly input: Readonly<Record<string, JsonValue>>;
  /** The caller's own name for this request: the same key starts one run, however often it is sent. */
  readonly key?: string;
}

export interface StartedRun {
  readonly runId: string;
  readonly executionArn: string;
}

/**
 * Starts a run. Its id is a ULID, or derives from the caller's key.
 *
 * @throws InvalidInputError when the key was used before, for another input.
 */
export const startRun = async (client: SFNClient, request: StartRequest): Promise<StartedRun> => {
  const name = request.key === undefined ? ulid() : runIdOf(request.workflow, request.key);
  const input = canonicalJson(request.input);
  const executionArn = executionArnOf(request.stateMachineArn, name);
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn: request.stateMachineArn, name, input }));
  } catch (error) {
    if (request.key === undefined || !(error instanceof ExecutionAlreadyExists)) throw error;
    const first = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (canonicalJson(JSON.parse(first.input ?? 'null')) !== input)
      throw new InvalidInputError(
        'This key has started a run with another input. Use another key, or the input of the first time.',
        { cause: error },
      );
  }
  return { runId: name, executionArn };
};

/** The ARN of an execution, from its machine's and its own name. */
export const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

const runIdOf = (workflow: string, key: string): string =>
  `key-${sha256Hex(`${workflow}\n${key}`).slice(0, 40)}`;
