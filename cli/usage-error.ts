/** The command line itself is wrong. The message says what, and how to see the right form. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
