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

/** The bytes about to be used are not the bytes that were approved (swapped, changed, re-planned or foreign). */
export class ChangeMismatchError extends StepError {}

/** No recorded decision allows this change now (pending, rejected, expired, voided or unknown). */
export class NotApprovedError extends StepError {}

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

/** A host did not answer in time, or could not be created, changed or destroyed. */
export class HostError extends StepError {}

/** The host was configured, but rules of the compliance scan fail. */
export class ComplianceFailedError extends StepError {}

/** A dependency (table, bucket, topic) answered with an error that may pass; retried by name. */
export class TransientError extends StepError {}
