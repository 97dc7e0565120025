import type { Stack } from '@aws-sdk/client-cloudformation';

/** What a deployed stack tells the outside; a test puts its own in the place of what it looks at. */
export const deployedOutputs = {
  PublicUrl: 'https://example.com/live',
  ArtifactsBucketName: 'artifacts',
  StateBucketName: 'state',
  RunsTableName: 'runs',
  LedgerTableName: 'ledger',
  CredentialsTableName: 'credentials',
  AuditBucketName: 'audit',
  LedgerKeyArn: 'arn:key',
  LedgerOrigin: 'orchestrator.example.com/test',
  LockDoctorFunctionName: 'lock-doctor',
  ExplainApprovalFunctionName: 'explains',
  SetDelegationFunctionName: 'delegates',
  PersonalDataFunctionName: 'tells',
};

/** A stack of these outputs, as CloudFormation describes it. */
export const stackWith = (outputs: Readonly<Record<string, string>>): Stack => ({
  StackName: 'orchestrator-poc-orchestrator',
  CreationTime: new Date(0),
  StackStatus: 'CREATE_COMPLETE',
  Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
});
