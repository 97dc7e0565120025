/** Amazon States Language, as far as it is read here. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts?: number;
  readonly JitterStrategy?: string;
}

/** Values given to variables: literals, or JSONata in `{% … %}`. */
export type Assignments = Readonly<Record<string, unknown>>;

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign?: Assignments;
  readonly Output?: unknown;
  readonly Next: string;
}

export interface ChoiceRule {
  readonly Condition: string;
  readonly Assign?: Assignments;
  readonly Output?: unknown;
  readonly Next: string;
}

/** States with a beginning: a machine, a branch, or what a Map does with each item. */
export interface Region {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, AslState>>;
}

export interface AslState {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly TimeoutSeconds?: unknown;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Assign?: Assignments;
  readonly Output?: unknown;
  readonly Choices?: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Seconds?: unknown;
  readonly Timestamp?: unknown;
  readonly Error?: unknown;
  readonly Cause?: unknown;
  readonly Items?: unknown;
  readonly ItemSelector?: unknown;
  readonly ItemReader?: { readonly Arguments?: unknown };
  readonly ItemBatcher?: { readonly BatchInput?: unknown };
  readonly MaxConcurrency?: unknown;
  readonly ItemProcessor?: Region & { readonly ProcessorConfig?: { readonly Mode?: string } };
  readonly Branches?: readonly Region[];
}

export interface Asl extends Region {
  readonly Comment?: string;
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: unknown;
}

/** Where a state goes by itself, in the order of its text; a caught error comes last. */
export const targetsOf = (state: AslState): readonly string[] => [
  ...(state.Choices ?? []).map(({ Next }) => Next),
  ...(state.Default === undefined ? [] : [state.Default]),
  ...(state.Next === undefined ? [] : [state.Next]),
  ...(state.Catch ?? []).map(({ Next }) => Next),
];

/** What a state holds inside itself. */
export const regionsOf = (state: AslState): readonly Region[] => [
  ...(state.ItemProcessor ? [state.ItemProcessor] : []),
  ...(state.Branches ?? []),
];

/** By state: every variable that is named in it or in what may follow it. */
export const variablesAfter = (region: Region): ReadonlyMap<string, ReadonlySet<string>> => {
  const named = new Map(
    Object.entries(region.States).map(([name, state]) => [
      name,
      new Set(
        [...JSON.stringify(state).matchAll(/\$([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, found]) => found ?? ''),
      ),
    ]),
  );
  for (let grew = true; grew; ) {
    grew = false;
    for (const [name, state] of Object.entries(region.States)) {
      const own = named.get(name) ?? new Set();
      const before = own.size;
      for (const target of targetsOf(state))
        for (const variable of named.get(target) ?? []) own.add(variable);
      grew ||= own.size > before;
    }
  }
  return named;
};
