import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { demandsOf } from '../../lambdas/approval-rules/demands';
import { approvalRules } from '../../lambdas/approval-rules/rules-of-this-release';
import { newNonce } from '../../lambdas/shared/approval-link';
import type { ApprovalView } from '../../lambdas/shared/approval-reader';
import { makeApprovalStore } from '../../lambdas/shared/approval-store';
import type { ChangeRef } from '../../lambdas/shared/contract';
import { digestOf, sha256Hex } from '../../lambdas/shared/digest';
import { findBreak, type LedgerEntry } from '../../lambdas/shared/ledger';
import { makeNamePeople } from '../../lambdas/shared/people';
import { makeBindSmallChange } from '../bench/small-change';

/** The parts of a local platform that a race needs. */
export interface RacePlatform {
  readonly gatewayUrl: string;
  readonly publicUrl: string;
  readonly approvalsTable: string;
  readonly peopleTable: string;
  readonly ledgerTable: string;
  readonly artifactsBucket: string;
  readonly stepFunctions: SFNClient;
  readonly dynamoDb: DynamoDBDocumentClient;
}

/** An approval that people are about to answer, and the task that waits for it. */
export interface RaceGate {
  readonly approvalId: string;
  readonly executionArn: string;
  /** How many must approve. */
  readonly people: 1 | 2;
  /** By person. */
  readonly links: Readonly<Record<string, string>>;
}

/** Approvers of the local platform. */
const approvers = ['alex', 'sam'];
const tenant = 'race';
const giveUpMs = 60_000;
const pollMs = 50;

const untilFound = async <T>(what: string, find: () => Promise<T | undefined>): Promise<T> => {
  for (const deadline = Date.now() + giveUpMs; Date.now() < deadline; await sleep(pollMs)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  throw new Error(`Waited ${giveUpMs / 1000} seconds in vain for ${what}.`);
};

/** Opens approvals on a platform as request-approval does, but for the mail, and reads what became of them. */
export const makeRaceGates = async (platform: RacePlatform) => {
  const { stepFunctions, dynamoDb, gatewayUrl } = platform;
  const sqs = new SQSClient({
    endpoint: gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const approvals = makeApprovalStore({ client: dynamoDb, table: platform.approvalsTable });
  const namePeople = makeNamePeople({ client: dynamoDb, table: platform.peopleTable });
  const series = `race-${Date.now()}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: series }));
  const { stateMachineArn } = await stepFunctions.send(
    new CreateStateMachineCommand({
      name: series,
      roleArn: 'arn:aws:iam::000000000000:role/machine',
      definition: JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Wait',
        States: {
          Wait: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
            Arguments: {
              QueueUrl,
              MessageBody:
                "{% $string({ 'token': $states.context.Task.Token, 'name': $states.context.Execution.Name }) %}",
            },
            End: true,
          },
        },
      }),
    }),
  );
  const change: ChangeRef = await makeBindSmallChange(platform)({
    runId: series,
    workspace: `${tenant}/gates`,
    reason: 'Many answers at the same moment',
  });
  const tokens = new Map<string, string>();
  const tokenOf = (name: string): Promise<string> =>
    untilFound(`the token of ${name}`, async () => {
      if (!tokens.has(name)) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        for (const { Body = '', ReceiptHandle } of Messages) {
          const message = JSON.parse(Body);
          tokens.set(message.name, message.token);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
      return tokens.get(name);
    });

  return {
    open: async (index: number, people: 1 | 2): Promise<RaceGate> => {
      const runId = `${series}-${index}`;
      const approvalId = `${runId}-${sha256Hex(runId).slice(0, 8)}`;
      const { executionArn = '' } = await stepFunctions.send(
        new StartExecutionCommand({ stateMachineArn, name: runId, input: '{}' }),
      );
      const nonces = approvers.map((approver) => ({ approver, nonce: newNonce() }));
      await approvals.create({
        approvalId,
        runId,
        workspace: `${tenant}/gate-${index}`,
        traceparent: `00-${sha256Hex(runId).slice(0, 32)}-${sha256Hex(runId).slice(32, 48)}-01`,
        change,
        status: 'pending',
        taskToken: await tokenOf(runId),
        createdAt: new Date().toISOString(),
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
        links: nonces.map(({ approver, nonce }) => ({ approver, nonceHash: sha256Hex(nonce) })),
        mailedTo: [...approvers],
        demands: demandsOf(approvalRules, {
          workspace: `${tenant}/gate-${index}`,
          environment: 'local',
          workflow: 'vm-provisioning',
          dangers: people === 2 ? ['destroy'] : ['create'],
          stricterGate: false,
          addedCost: null,
        }),
        rules: digestOf(approvalRules),
        starter: { id: 'the race', verified: true },
        votes: [],
      });
      const address = `${platform.publicUrl}/approvals/${approvalId}?key=`;
      const links = Object.fromEntries(nonces.map(({ approver, nonce }) => [approver, `${address}${nonce}`]));
      return { approvalId, executionArn, people, links };
    },

    record: async (approvalId: string): Promise<ApprovalView> => {
      const found = await approvals.find(approvalId);
      if (!found) throw new Error(`The approval ${approvalId} is gone.`);
      return found;
    },

    /** Waits until the task has its answer. */
    told: async ({ executionArn }: RaceGate): Promise<{ times: number; outcome: unknown }> => {
      const output = await untilFound('the end of the task', async () => {
        const { status, output: said } = await stepFunctions.send(
          new DescribeExecutionCommand({ executionArn }),
        );
        return status === 'RUNNING' ? undefined : (said ?? 'null');
      });
      const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
      return {
        times: events.filter(({ type }) => type === 'TaskSucceeded').length,
        outcome: JSON.parse(output)?.outcome,
      };
    },

    /** The whole chain of the race's tenant, which must hold together; people have their names again. */
    ledger: async (): Promise<{ entries: LedgerEntry[]; broken: string | undefined }> => {
      const entries: LedgerEntry[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await dynamoDb.send(
          new QueryCommand({
            TableName: platform.ledgerTable,
            ConsistentRead: true,
            KeyConditionExpression: '#chain = :tenant AND seq > :head',
            ExpressionAttributeNames: { '#chain': 'chain' },
            ExpressionAttributeValues: { ':tenant': tenant, ':head': 0 },
            ...(from && { ExclusiveStartKey: from }),
          }),
        );
        entries.push(...(page.Items ?? []).map(({ entry }) => entry as LedgerEntry));
        from = page.LastEvaluatedKey;
      } while (from);
      const named: LedgerEntry[] = JSON.parse(await namePeople(JSON.stringify(entries)));
      return { entries: named, broken: findBreak(entries)?.reason };
    },
  };
};
export type RaceGates = Awaited<ReturnType<typeof makeRaceGates>>;
