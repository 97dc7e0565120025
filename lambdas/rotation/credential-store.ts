/** The tags of a secret: name to value, as the store has them. */
export type Tags = Readonly<Record<string, string>>;

/** Which version of a credential bears which label. A version id is the store's own; a version bears one label at most. */
export interface Labels {
  /** There is always exactly one. */
  readonly current: string;
  /** The version of a rotation in flight. Never the same as `current`: a store that says so has no pending version. */
  readonly pending?: string | undefined;
  /** What was current before, until it is retired. */
  readonly previous?: string | undefined;
}

/** One that is rotated, as its tags say. */
export interface Listed {
  readonly id: string;
  readonly tags: Tags;
}

export interface Described {
  readonly tags: Tags;
  readonly labels: Labels;
}

/**
 * Where credentials are kept: AWS Secrets Manager, or a KV engine of OpenBao or Vault.
 *
 * An id is what the store calls a secret (`orchestrator-local/workspaces/demo/web-01/orders`). Values are texts, JSON by
 * our strategies. Every call may be repeated, and may have landed although it failed. Any call may throw a TransientError.
 */
export interface CredentialStore {
  /** All that bear the tag `rotation-strategy`, in no order. */
  list(): AsyncIterable<Listed>;
  /** @throws CredentialNotFoundError */
  describe(id: string): Promise<Described>;
  /**
   * When the current version was made (ISO 8601). Asked for seldom: Secrets Manager lets few ask at once.
   * @throws CredentialNotFoundError
   */
  currentSince(id: string): Promise<string>;
  /** @throws CredentialNotFoundError where there is no such version, or it has no value. */
  read(id: string, version: string): Promise<string>;
  /**
   * Makes `value` the pending version. Where that version is pending already nothing changes, its value neither.
   * @throws RotationInFlightError where another version is pending.
   */
  stage(id: string, version: string, value: string): Promise<void>;
  /**
   * In one move `to` becomes current and `from` previous; after that `to` is pending no longer. Again: nothing.
   * @throws CredentialChangedError where neither `from` nor `to` is current: nothing was moved.
   */
  promote(id: string, move: { readonly to: string; readonly from: string }): Promise<void>;
  /** `version` is pending no longer. Again, or where another version is pending: nothing. */
  dropPending(id: string, version: string): Promise<void>;
  /** `version` is previous no longer. Again, or where another version is previous: nothing. */
  dropPrevious(id: string, version: string): Promise<void>;
}
