import type { BrokerInput } from '../broker-credentials/contract';
import type { ChangeStore } from '../shared/change-store';
import type { ReadDecision } from '../shared/decided-approval';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { Artifacts } from './artifacts';
import type { KeepFinalState } from './final-state';
import type { FetchModule } from './git-module';
import type { HostAccess } from './host-access';
import type { LentCredentials } from './lent-credentials';
import type { ModuleMemory } from './module-memory';
import type { SecretStore } from './secret-store';
import type { TaskLog } from './task-log';
import type { StateBackend } from './tofu';

/** What every task of the runner works with. */
export interface RunnerDeps {
  readonly artifacts: Artifacts;
  readonly changes: ChangeStore;
  readonly readDecision: ReadDecision;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  readonly hostAccess: HostAccess;
  readonly keepFinalState: KeepFinalState;
  /** What roles declare as secret. */
  readonly secrets: SecretStore;
  /** Holds `terraform/modules`, `ansible/roles`, `script-steps` and `policies`. */
  readonly contentRoot: string;
  /** Whose settings of the policy on plans count, where an environment has its own. */
  readonly policyEnvironment?: string | undefined;
  /** Fetches a module of a user's own repository. */
  readonly fetchModule: FetchModule;
  readonly backend: StateBackend;
  readonly providerMirror: string | undefined;
  /** What an interrupted OpenTofu has to save its state and release its lock. */
  readonly graceMs: number;
  /** The worker's environment, from which tools get an allow-listed part. */
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => Date;
  readonly memory: ModuleMemory;
}

/** What one task has to itself. */
export interface TaskContext {
  /** Fresh, private, removed when the task ends. */
  readonly folder: string;
  /** Aborted with the error to raise when the run is stopped or the deadline is near. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  /** The change of another run that this one, which resumes it, may carry on. */
  readonly mayCarryOn: string | null;
}

/** What a task has that runs OpenTofu. */
export interface TerraformContext extends TaskContext {
  /** What the broker lends for this task, kept fresh until the task ends. */
  readonly lendCredentials: (request: BrokerInput) => Promise<LentCredentials>;
}
