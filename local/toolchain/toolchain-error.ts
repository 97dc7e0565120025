/** A tool of the local platform could not be had. The message says what is needed, and the command where there is one. */
export class ToolchainError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A program is missing and cannot be installed from here. */
export class MissingToolError extends ToolchainError {}

/** The machine is of the wrong kind, or the user lacks the rights. */
export class UnsupportedMachineError extends ToolchainError {}

/** There is no room for what has to be built. */
export class DiskFullError extends ToolchainError {}

/** A registry or mirror does not answer. */
export class RegistryUnreachableError extends ToolchainError {}

/** Downloaded bytes are not the published ones. They were discarded. */
export class ChecksumMismatchError extends ToolchainError {}
