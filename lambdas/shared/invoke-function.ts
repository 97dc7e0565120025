import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/**
 * Calls another function and waits for its answer.
 *
 * @throws Error named as the function's own error
 */
export const invokeFunction = async (
  client: Pick<LambdaClient, 'send'>,
  functionName: string,
  payload: unknown,
): Promise<unknown> => {
  const response = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  const answer: unknown = JSON.parse(
    Buffer.from(response.Payload ?? new Uint8Array()).toString('utf8') || 'null',
  );
  if (!response.FunctionError) return answer;
  const { errorType, errorMessage } = answer as { errorType?: string; errorMessage?: string };
  throw Object.assign(new Error(errorMessage ?? `${functionName} failed`), { name: errorType ?? 'Error' });
};
