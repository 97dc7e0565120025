/**
 * The base of every error a step raises on purpose.
 *
 * Its `name` is API: Step Functions matches retriers and catchers against it, users search the docs for it.
 * Its `message` is for people: what happened, to what, why, and what to do next. It never holds a secret.
 */
export class StepError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The input does not fit the contract. Nothing was started. */
export class InvalidInputError extends StepError {}

/** Another run holds the lease of this workspace. */
export class WorkspaceBusyError extends StepError {}

/** Runs hold as many workspaces of this tenant as they may at once. */
export class TenantBusyError extends StepError {}

/** The run has no lease of its workspace, so that another run may be changing it. */
export class LeaseLostError extends StepError {}

/** Something that a change binds (module, variables, lock file, engine, role, hosts, policy) differs from what was approved. */
export class ChangeMismatchError extends StepError {}

/** A bound object's bytes are damaged or gone: they are those of nothing that was ever approved. */
export class ContentDamagedError extends StepError {}

/** Another valid object stands where the approved one was. */
export class ContentSwappedError extends StepError {}

/** The change belongs to another run or workspace. */
export class ForeignChangeError extends StepError {}

/** A newer plan of the same workspace voided the approval of this change. */
export class ChangeSupersededError extends StepError {}

/** Too few of those who may approve can be asked by mail, so that nobody was. */
export class ApproversUnreachableError extends StepError {}

/** The approval expired before the change was carried out. */
export class ApprovalExpiredError extends StepError {}

/** The policy on plans refuses this change; nobody was asked. */
export class PolicyDeniedError extends StepError {}

/** No recorded decision allows this change now (pending, rejected, expired, voided or unknown). */
export class NotApprovedError extends StepError {}

/** Whoever started the run may not ask for such a change. Nothing was changed. */
export class NotAllowedToAskError extends StepError {}

/** The workspace, its tenant or everything is frozen. */
export class WorkspaceFrozenError extends StepError {}

/** Nothing is known to be applied in the workspace, so there is nothing to compare with or to destroy. */
export class NothingAppliedError extends StepError {}

/** There is no drift to accept, or none of that key. */
export class NoSuchDriftError extends StepError {}

/** The named run cannot be resumed: it succeeded, still runs, or belongs to another workspace. */
export class NotResumableError extends StepError {}

/** A plan that was narrowed to some resources would change others too, because they depend on those. */
export class TargetsExceededError extends StepError {}

/** OpenTofu's state lock is held; the lock doctor decides whether by somebody who lives. */
export class StateLockedError extends StepError {}

/** The state could not be stored at its place; it lies, encrypted, where the lock doctor finds it. */
export class StateRescuedError extends StepError {}

/** A script ended with another exit code than 0, or went beyond its limits. */
export class ScriptError extends StepError {}

/** No account is set up for the workspace's infrastructure. */
export class TargetMissingError extends StepError {}

/** The state moved on after the plan was made. */
export class StalePlanError extends StepError {}

/** The run was ended (stopped, timed out) while a worker was still busy with it; the worker stopped its tool. */
export class RunStoppedError extends StepError {}

/** The worker came too close to its deadline and interrupted its tool, which saved its state. */
export class DeadlineError extends StepError {}

/** OpenTofu refused or failed. */
export class TerraformError extends StepError {}

/** A play failed or a host could not be reached. */
export class AnsibleError extends StepError {}

/** A secret of that name is somebody else's: it was neither used nor changed. */
export class ForeignSecretError extends StepError {}

/** A host did not answer in time, or could not be created, changed or destroyed. */
export class HostError extends StepError {}

/** The host was configured, but rules of the compliance scan fail. */
export class ComplianceFailedError extends StepError {}

/** A file of compliance rules cannot be understood, so nothing was checked. */
export class BrokenRulesError extends StepError {}

/** The release store has no archive with this digest. Nobody was asked, nothing was changed. */
export class ReleaseUnknownError extends StepError {}

/** The archive of a release would do something else on a host than fill one folder, or is too large. */
export class ReleaseRefusedError extends StepError {}

/** A release does not answer as it must, from outside its hosts. */
export class ReleaseUnhealthyError extends StepError {}

/** A module's repository could not be read now: not found, not reachable, not permitted, or too large. */
export class SourceUnavailableError extends StepError {}

/** GitHub does not let the app do what it is asked: not installed, without the permission, or not set up. */
export class GithubRefusedError extends StepError {}

/** A tenant's chain in the ledger is not what was signed before, or does not hold together. It is not signed. */
export class LedgerBrokenError extends StepError {}

/** A dependency (table, bucket, topic) answered with an error that may pass; retried by name. */
export class TransientError extends StepError {}

/** What the sign-in provider answered does not prove who somebody is. Nobody was signed in. */
export class SignInRefusedError extends StepError {}

/** The sign-in provider cannot be reached. Nobody was signed in. */
export class SignInUnavailableError extends StepError {}
