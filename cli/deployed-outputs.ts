import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudFormationServiceException, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { InvalidInputError } from '../lambdas/shared/errors';
import { kebab } from '../lib/asl/kebab';

const deadLetters = z.object({
  name: z.string(),
  queue: z.string(),
  again: z.union([
    z.object({ queue: z.string() }),
    z.object({ function: z.string() }),
    z.literal('start'),
    z.null(),
  ]),
});
/** A queue of what could not be delivered, by its address, and how what lies in it gets another chance. */
export type DeployedDeadLetters = z.infer<typeof deadLetters>;

/** What the stacks of one environment tell the outside. */
export interface DeployedOutputs {
  readonly publicUrl: string;
  readonly artifactsBucket: string;
  readonly stateBucket: string;
  readonly runsTable: string;
  readonly ledgerTable: string;
  /** How each credential stands. */
  readonly credentialsTable: string;
  /** Copies of the ledger's entries, and its checkpoints. */
  readonly auditBucket: string;
  readonly ledgerKey: string;
  /** Names the key, and the ledgers below it. */
  readonly ledgerOrigin: string;
  readonly lockDoctorFunction: string;
  readonly explainApprovalFunction: string;
  readonly deadLetters: readonly DeployedDeadLetters[];
  readonly setDelegationFunction: string;
  readonly personalDataFunction: string;
  /** ARNs by workflow name, e.g. `vm-provisioning`. */
  readonly stateMachines: Readonly<Record<string, string>>;
}

const usable = /^(?:CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK)_COMPLETE$/;
const machineOutput = /^StateMachine([A-Z][A-Za-z0-9]*)Arn$/;
const named = z.object({
  PublicUrl: z.url(),
  ArtifactsBucketName: z.string(),
  StateBucketName: z.string(),
  RunsTableName: z.string(),
  LedgerTableName: z.string(),
  CredentialsTableName: z.string(),
  AuditBucketName: z.string(),
  LedgerKeyArn: z.string(),
  LedgerOrigin: z.string(),
  LockDoctorFunctionName: z.string(),
  ExplainApprovalFunctionName: z.string(),
  SetDelegationFunctionName: z.string(),
  PersonalDataFunctionName: z.string(),
});

/** The outputs of an environment, or null when it is not (completely) deployed. */
export const readOutputs = async (
  client: CloudFormationClient,
  environment: string,
): Promise<DeployedOutputs | null> => {
  const values = await readStack(client, `orchestrator-${environment}-orchestrator`);
  return values && parseOutputs(values);
};

/** @throws InvalidInputError when the environment is not deployed. */
export const requireOutputs = async (
  client: CloudFormationClient,
  environment: string,
): Promise<DeployedOutputs> => {
  const outputs = await readOutputs(client, environment);
  if (outputs) return outputs;
  throw new InvalidInputError(
    `The environment ${environment} is not deployed in this account and region (no stack orchestrator-${environment}-orchestrator).`,
  );
};

/** A stack's outputs by name, or null when there is no such stack, or it did not come up. */
export const readStack = async (
  client: CloudFormationClient,
  name: string,
): Promise<Readonly<Record<string, string>> | null> => {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    if (!stack || !usable.test(stack.StackStatus ?? '')) return null;
    return Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } catch (error) {
    if (error instanceof CloudFormationServiceException && /does not exist/.test(error.message)) return null;
    throw error;
  }
};

/** @throws ZodError when an output is missing: the stacks are of another version than this program. */
export const parseOutputs = (values: Readonly<Record<string, string>>): DeployedOutputs => {
  const known = named.parse(values);
  const machines = Object.entries(values).flatMap(([key, arn]) => {
    const pascal = machineOutput.exec(key)?.[1];
    return pascal ? [[kebab(pascal), arn] as const] : [];
  });
  return {
    publicUrl: known.PublicUrl,
    artifactsBucket: known.ArtifactsBucketName,
    stateBucket: known.StateBucketName,
    runsTable: known.RunsTableName,
    ledgerTable: known.LedgerTableName,
    credentialsTable: known.CredentialsTableName,
    auditBucket: known.AuditBucketName,
    ledgerKey: known.LedgerKeyArn,
    ledgerOrigin: known.LedgerOrigin,
    lockDoctorFunction: known.LockDoctorFunctionName,
    deadLetters: Object.entries(values).flatMap(([key, text]) =>
      /^DeadLetters\d+$/.test(key) ? [deadLetters.parse(JSON.parse(text))] : [],
    ),
    explainApprovalFunction: known.ExplainApprovalFunctionName,
    setDelegationFunction: known.SetDelegationFunctionName,
    personalDataFunction: known.PersonalDataFunctionName,
    stateMachines: Object.fromEntries(machines),
  };
};
