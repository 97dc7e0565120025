import { readFileSync } from 'node:fs';
import { type Asl, type AslState, type Region, regionsOf } from '../asl/asl';

/** Every state, those within others too. */
const allStates = (region: Region): AslState[] =>
  Object.values(region.States).flatMap((state) => [state, ...regionsOf(state).flatMap(allStates)]);

const tokenPattern = /\$\{([A-Z][A-Za-z0-9]*)\}/g;

/**
 * What a catch keeps of an error: `{name, message}`, whether a function failed (`Cause` is its error as JSON),
 * a child execution failed (`States.TaskFailed`; the true error is inside `Cause`), a container stopped
 * (`StoppedReason`), or the service itself failed.
 */
export const caughtError =
  "{% ( $e := $states.errorOutput; $c := $exists($e.Cause) ? $e.Cause : ''; " +
  "$p := $substring($c, 0, 1) = '{' and $substring($c, $length($c) - 1) = '}' ? $parse($c) : {}; " +
  "$name := $exists($p.ExecutionArn) ? ($exists($p.Error) ? $p.Error : 'States.' & $p.Status) : $e.Error; " +
  "$text := $exists($p.ExecutionArn) ? ($exists($p.Cause) ? $p.Cause : 'A block ended with status ' & $p.Status) " +
  ': $exists($p.errorMessage) ? $p.errorMessage : $exists($p.StoppedReason) ? $p.StoppedReason : $c; ' +
  "{ 'name': $name, 'message': $substring($text = '' ? 'No cause was given.' : $text, 0, 2000) } ) %}";

/** A workflow file: Amazon States Language in JSONata with `${PascalCase}` tokens. */
export class AslDefinition {
  /** The tokens that the file uses, each once; `CaughtError` is always known and not among them. */
  readonly tokens: ReadonlySet<string>;
  readonly asl: Asl;

  private constructor(
    readonly file: string,
    private readonly text: string,
  ) {
    this.asl = JSON.parse(text) as Asl;
    this.tokens = new Set(
      [...text.matchAll(tokenPattern)].flatMap(([, token]) =>
        token && token !== 'CaughtError' ? [token] : [],
      ),
    );
  }

  static fromFile(file: string): AslDefinition {
    return new AslDefinition(file, readFileSync(file, 'utf8'));
  }

  static fromText(text: string, name = 'definition'): AslDefinition {
    return new AslDefinition(name, text);
  }

  /** The example input that ends the file's comment, for the console, the docs and the tests. */
  get example(): unknown {
    const marker = 'Example input: ';
    const at = this.asl.Comment?.indexOf(marker) ?? -1;
    if (at < 0) throw new Error(`${this.file}: the Comment ends with no "${marker}{…}"`);
    return JSON.parse(this.asl.Comment?.slice(at + marker.length) ?? '');
  }

  /** The comment without the example. */
  get summary(): string {
    return this.asl.Comment?.replace(/ Example input: .*$/s, '') ?? '';
  }

  /** Whether a task waits for the end of what the token names, rather than only starting it. */
  waitsFor(token: string): boolean {
    return allStates(this.asl).some(
      ({ Resource, Arguments }) =>
        Resource?.endsWith('.sync:2') && JSON.stringify(Arguments).includes(`"\${${token}}"`),
    );
  }

  /** Whether it has a Distributed Map, which works on each item in an execution of the same machine. */
  get startsItself(): boolean {
    return allStates(this.asl).some(
      ({ ItemProcessor }) => ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED',
    );
  }

  /**
   * The definition with every token replaced.
   *
   * @throws Error naming tokens without a value and values without a token
   */
  substitute(values: Readonly<Record<string, string>>): string {
    const missing = [...this.tokens].filter((token) => !(token in values));
    const unused = Object.keys(values).filter((token) => !this.tokens.has(token));
    if (missing.length > 0) throw new Error(`${this.file}: no binding for ${missing.join(', ')}`);
    if (unused.length > 0)
      throw new Error(`${this.file}: binding for ${unused.join(', ')}, which the file does not use`);
    const all: Readonly<Record<string, string>> = { ...values, CaughtError: caughtError };
    return JSON.stringify(JSON.parse(this.text)).replace(
      tokenPattern,
      (_, token: string) => all[token] ?? '',
    );
  }
}
