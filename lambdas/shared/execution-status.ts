import { DescribeExecutionCommand, type ExecutionStatus as Known, type SFNClient } from '@aws-sdk/client-sfn';

/** How an execution stands, or `GONE` when Step Functions no longer knows it. */
export type ExecutionStatus = Known | 'GONE';

const describe = async (client: Pick<SFNClient, 'send'>, executionArn: string) => {
  try {
    return await client.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
};

export const makeExecutionStatus =
  (client: Pick<SFNClient, 'send'>) =>
  async (executionArn: string): Promise<ExecutionStatus> =>
    (await describe(client, executionArn))?.status ?? 'GONE';

/** What whoever stopped an execution said, such as why and who they are; `null` when they said nothing. */
export const makeStopCause =
  (client: Pick<SFNClient, 'send'>) =>
  async (executionArn: string): Promise<string | null> =>
    (await describe(client, executionArn))?.cause || null;
