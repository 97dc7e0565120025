import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { demandsOf } from '../../lambdas/approval-rules/demands';
import { approvalRules } from '../../lambdas/approval-rules/rules-of-this-release';
import { makeApprovalLists } from '../../lambdas/shared/approval-lists';
import { waitingPlace } from '../../lambdas/shared/approval-order';
import { makeApprovalStore } from '../../lambdas/shared/approval-store';
import { sha256Hex } from '../../lambdas/shared/digest';
import { platformClients } from '../../local/platform-clients';
import type { BenchPlatform } from './bench-platform';
import { median, percentile } from './statistics';

/** How long one page of the list takes while so many approvals wait. */
export interface ListFigures {
  readonly waiting: number;
  readonly p50: number;
  readonly p99: number;
}

const sizes = [100, 10_000] as const;
const rounds = 50;
const pageSize = 20;

const aWaiting = (index: number, expiresAt: string) => {
  const digest = sha256Hex(`bench-${index}`);
  const workspace = `bench/list-${index}`;
  return {
    approvalId: `bench-list-${index}`,
    runId: `bench-list-${index}`,
    workspace,
    traceparent: `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`,
    change: {
      id: `bench-list-${index}`,
      digest,
      ref: { bucket: 'bench', key: 'change', versionId: 'v1', sha256: digest },
    },
    status: 'pending' as const,
    taskToken: 'none',
    createdAt: new Date().toISOString(),
    expiresAt,
    links: [],
    demands: demandsOf(approvalRules, {
      workspace,
      environment: 'local',
      workflow: 'vm-provisioning',
      dangers: index % 2 === 0 ? ['destroy'] : [],
      stricterGate: false,
      addedCost: null,
    }),
    rules: digest,
    starter: { id: null, verified: false },
    votes: [],
  };
};

/** Lets more and more approvals wait in the deployed table and reads the first page of what one approver may answer. */
export const measureLists = async (
  { platform, functions }: Pick<BenchPlatform, 'platform' | 'functions'>,
  note: (text: string) => void,
): Promise<ListFigures[]> => {
  const client = platformClients(platform.gatewayUrl).dynamoDb;
  const table = functions
    .map(({ Environment }) => Environment?.Variables?.APPROVALS_TABLE)
    .find((name) => name !== undefined);
  if (table === undefined) throw new Error('No deployed function knows the table of approvals.');
  const now = Date.now();
  const at = (index: number): string => new Date(now + 3_600_000 + index * 1000).toISOString();
  const lists = makeApprovalLists({ client, table });
  // The first of each kind names its list.
  const store = makeApprovalStore({ client, table });
  for (const index of [0, 1]) await store.create(aWaiting(index, at(index)));
  const figures: ListFigures[] = [];
  let there = 2;
  for (const size of sizes) {
    note(`${size} waiting`);
    for (; there < size; there += 25)
      await client.send(
        new BatchWriteCommand({
          RequestItems: {
            [table]: Array.from({ length: Math.min(25, size - there) }, (_, offset) => {
              const record = aWaiting(there + offset, at(there + offset));
              return { PutRequest: { Item: { ...record, ...waitingPlace(record) } } };
            }),
          },
        }),
      );
    there = size;
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      const { approvals } = await lists.waiting(['approver'], new Date(now), {
        after: undefined,
        size: pageSize,
      });
      samples.push(performance.now() - began);
      if (approvals.length !== pageSize) throw new Error(`The list shows ${approvals.length} of ${size}.`);
    }
    figures.push({ waiting: size, p50: median(samples), p99: percentile(samples, 0.99) });
  }
  return figures;
};
