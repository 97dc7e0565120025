import * as z from 'zod';
import { CredentialFormatError, CredentialRefusedError } from '../../lambdas/rotation/errors';
import type { Strategy } from '../../lambdas/rotation/strategy';

const Value = z.strictObject({ username: z.enum(['one', 'two']), password: z.string() });
type Value = z.infer<typeof Value>;

const parsed = (text: string): Value => {
  try {
    return Value.parse(JSON.parse(text));
  } catch {
    throw new CredentialFormatError('The value is not a username, one or two, and a password.');
  }
};

/** A target with two logins, each with one password or locked: the strategy of a test that needs no server. */
export class AlternatingLogins implements Strategy {
  readonly name = 'alternating-logins';
  readonly logins = new Map<string, string | undefined>();
  inUse: string[] = [];
  isBroken = false;
  private made = 0;

  constructor(first: { readonly username: string; readonly password: string }) {
    this.logins.set(first.username, first.password);
  }

  private accepts({ username, password }: Value): boolean {
    return this.logins.get(username) === password;
  }

  make(current: string): string {
    const { username } = parsed(current);
    this.made++;
    return JSON.stringify({
      username: username === 'one' ? 'two' : 'one',
      password: `password-${this.made}`,
    });
  }

  async set({ current, pending }: { current: string; pending: string }): Promise<void> {
    if (!this.accepts(parsed(current))) throw new CredentialRefusedError('The current login is refused.');
    const { username, password } = parsed(pending);
    this.logins.set(username, password);
  }

  async test({ pending }: { current: string; pending: string }): Promise<void> {
    if (this.isBroken || !this.accepts(parsed(pending)))
      throw new CredentialRefusedError('The pending login is refused.');
  }

  async works(value: string): Promise<boolean> {
    return this.accepts(parsed(value));
  }

  async users(): Promise<readonly string[]> {
    return this.inUse;
  }

  async retire({ retired, current }: { retired: string; current: string }): Promise<void> {
    const { username } = parsed(retired);
    if (username !== parsed(current).username) this.logins.set(username, undefined);
  }
}
