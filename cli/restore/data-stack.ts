import { type CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { InvalidInputError } from '../../lambdas/shared/errors';

/** What is restored, by the names that AWS gave. */
export interface DataResources {
  /** By the name in the stack, e.g. `Approvals`. */
  readonly tables: Readonly<Record<string, string>>;
  readonly stateBucket: string;
  readonly auditBucket: string;
}

const wanted = { 'AWS::DynamoDB::Table': 'tables', 'AWS::S3::Bucket': 'buckets' } as const;

/** CloudFormation's id is the name in the stack and eight digits. */
const nameOf = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/** @throws InvalidInputError when the environment is not deployed. */
export const readDataStack = async (
  client: CloudFormationClient,
  environment: string,
): Promise<DataResources> => {
  const stack = `orchestrator-${environment}-data`;
  const found = { tables: new Map<string, string>(), buckets: new Map<string, string>() };
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stack },
  ))
    for (const { ResourceType = '', LogicalResourceId = '', PhysicalResourceId } of StackResourceSummaries) {
      const kind = wanted[ResourceType as keyof typeof wanted];
      if (kind && PhysicalResourceId) found[kind].set(nameOf(LogicalResourceId), PhysicalResourceId);
    }
  const [stateBucket, auditBucket] = [found.buckets.get('State'), found.buckets.get('Audit')];
  if (!stateBucket || !auditBucket)
    throw new InvalidInputError(
      `The stack ${stack} in this account and region has no buckets of this product.`,
    );
  return { tables: Object.fromEntries(found.tables), stateBucket, auditBucket };
};
