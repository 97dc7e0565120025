/**
 * Knows how one kind of target changes its credentials.
 *
 * Methods take values (the text of a secret, JSON), never labels. Each may be repeated, and killed in the middle: the
 * next call brings its effect to its end. No error's message holds a value or a part of one.
 */
export interface Strategy {
  /** What the tag `rotation-strategy` says. */
  readonly name: string;

  /**
   * The next value. Nothing outside changes.
   * @throws CredentialFormatError where `current` is not what this strategy rotates.
   */
  make(current: string): string | Promise<string>;

  /**
   * From now on the target accepts `pending` as well; `current` stays valid.
   * @throws TransientError, CredentialRefusedError where the target does not let `current` do it.
   */
  set(of: { readonly current: string; readonly pending: string }): Promise<void>;

  /**
   * Signs in with `pending` and does what consumers do; its rights are compared with those of `current`.
   * @throws CredentialRefusedError, MissingRightsError, TransientError
   */
  test(of: { readonly current: string; readonly pending: string }): Promise<void>;

  /**
   * Whether a sign-in with it succeeds now.
   * @throws TransientError where one cannot say.
   */
  works(value: string): Promise<boolean>;

  /**
   * Who still uses it, as far as the target tells: names for people, such as an address and an application's name.
   * None: nobody.
   * @throws TransientError
   */
  users(previous: string): Promise<readonly string[]>;

  /**
   * The target accepts `retired` no longer. `current` is untouched, also where both are the same login.
   * A `retired` that was never set, or is retired already: nothing.
   */
  retire(of: { readonly retired: string; readonly current: string }): Promise<void>;
}
