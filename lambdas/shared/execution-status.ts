import { DescribeExecutionCommand, type ExecutionStatus as Known, type SFNClient } from '@aws-sdk/client-sfn';

/** How an execution stands, or `GONE` when Step Functions no longer knows it. */
export type ExecutionStatus = Known | 'GONE';

export const makeExecutionStatus =
  (client: Pick<SFNClient, 'send'>) =>
  async (executionArn: string): Promise<ExecutionStatus> => {
    try {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return status ?? 'GONE';
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return 'GONE';
      throw error;
    }
  };
