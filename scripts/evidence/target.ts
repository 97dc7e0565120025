import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DeployedOutputs } from '../../cli/deployed-outputs';
import type { Killing, Moment } from './kill-worker';
import type { Machine } from './machine';

/** Where evidence is gathered: a deployment, and how it is looked into. */
export interface EvidenceTarget {
  readonly name: 'local' | 'aws';
  /** Its name in the configuration; names of secrets begin with it. */
  readonly environment: string;
  readonly outputs: DeployedOutputs;
  readonly stepFunctions: SFNClient;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly secretsManager: SecretsManagerClient;
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
  /** Runs a command on each of a workspace's machines, as somebody who logs in; undefined where only people can. */
  readonly onHosts?: (workspace: string, command: string) => Promise<void>;
  /** From now on looks for the worker of that moment, and kills it, as the platform would end its machine. */
  readonly killWorker?: (moment: Moment) => Killing;
}
