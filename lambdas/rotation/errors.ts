import { StepError } from '../shared/errors';

/** There is no such secret, or no such version of it. */
export class CredentialNotFoundError extends StepError {}

/** The tags of a secret do not say how it is rotated. Nothing was changed. */
export class CredentialTagsError extends StepError {}

/** The value of a secret is not what its strategy rotates: no JSON, or a field is missing. Nothing was changed. */
export class CredentialFormatError extends StepError {}

/** The target refuses a sign-in with the credential. */
export class CredentialRefusedError extends StepError {}

/** The next credential may do less than the present one. It was not promoted. */
export class MissingRightsError extends StepError {}

/** Another version of the credential is pending. Nothing was staged. */
export class RotationInFlightError extends StepError {}

/** Another run works on the credential. Nothing was changed. */
export class CredentialBusyError extends StepError {}

/** Somebody else moved the labels of the credential during its rotation. */
export class CredentialChangedError extends StepError {}

/** The rotation was abandoned before promotion; what was current still is. */
export class RotationAbandonedError extends StepError {}

/** The promoted credential did not work, and the previous one, which does, is current again. */
export class RotationRolledBackError extends StepError {}

/** The record of the credential changed between reading and writing it. Read and decide again. */
export class JournalConflictError extends StepError {}

/** The place where credentials are to be kept is none as it is set up. Nothing was changed. */
export class CredentialStoreError extends StepError {}
