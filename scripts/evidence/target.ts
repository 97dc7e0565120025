import type { SFNClient } from '@aws-sdk/client-sfn';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DeployedOutputs } from '../../cli/deployed-outputs';
import type { Machine } from './machine';

/** Where evidence is gathered: a deployment, and how it is looked into. */
export interface EvidenceTarget {
  readonly name: 'local' | 'aws';
  readonly outputs: DeployedOutputs;
  readonly stepFunctions: SFNClient;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly signal: AbortSignal;
  /** The machine that workflows work on. */
  readonly machine: Machine;
  /** Puts the example release into the store, under a version; the digest of its archive. */
  readonly putRelease: (version: string) => Promise<string>;
  /** Links to a run's approvals, as the approvers got them. */
  readonly approvalLinks: (runId: string) => Promise<readonly string[]>;
  /** Whether somebody was told how a run ended; undefined where nobody can look into their mail. */
  readonly wasTold?: (runId: string) => Promise<boolean>;
  /** Frees what a workspace's machines use, where that needs no run. */
  readonly removeHosts?: (workspace: string) => Promise<void>;
  /** Changes something on a workspace's machines by hand, of what the role `baseline` sets; undefined where only people can. */
  readonly changeByHand?: (workspace: string) => Promise<void>;
  /** Kills the worker that does a task right now, as the platform would end its machine; whether there was one. */
  readonly killWorker?: (task: string) => Promise<boolean>;
}
