/** What came of testing one module or role alone. */
export interface Outcome {
  readonly kind: 'module' | 'role';
  readonly name: string;
  /** `checked statically`: its provider cannot be had here, so nothing of it ran. */
  readonly result: 'passed' | 'failed' | 'checked statically';
  /** What was done, or what went wrong. */
  readonly detail: string;
  readonly seconds: number;
}

/** Does the checks of one module or role one after the other; the first that fails is its result. */
export const outcomeOf = async (
  kind: Outcome['kind'],
  name: string,
  work: () => Promise<Pick<Outcome, 'result' | 'detail'>>,
): Promise<Outcome> => {
  const began = Date.now();
  const done = await work().catch((error: Error) => ({ result: 'failed' as const, detail: error.message }));
  return { kind, name, ...done, seconds: (Date.now() - began) / 1000 };
};

/** The outcomes as a table, with a count as its last line. */
export const outcomeTable = (outcomes: readonly Outcome[]): string => {
  const rows = outcomes.map(({ kind, name, result, detail, seconds }) => [
    kind,
    name,
    result,
    `${seconds.toFixed(1)} s`,
    result === 'failed' ? 'see below' : detail,
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const failures = outcomes
    .filter(({ result }) => result === 'failed')
    .map(({ kind, name, detail }) => `\n── ${kind} ${name} ──\n${detail}`);
  const count = (wanted: Outcome['result']): number =>
    outcomes.filter(({ result }) => result === wanted).length;
  return [
    ...lines,
    ...failures,
    '',
    `${count('passed')} passed, ${count('failed')} failed, ${count('checked statically')} checked statically`,
  ].join('\n');
};
