import type { Asl, AslState, Region } from '../../../lib/asl/asl';

type Draft = { -readonly [Key in keyof Asl]: Asl[Key] } & { States: Record<string, MutableState> };
type MutableState = { -readonly [Key in keyof AslState]: AslState[Key] };

/** A definition with one thing broken, and what that is. */
export interface Mutant {
  readonly what: string;
  readonly asl: Asl;
}

const copy = (asl: Asl): Draft => structuredClone(asl) as Draft;
const textOf = (value: unknown): string => JSON.stringify(value ?? '');

const broken = (asl: Asl, what: string, breakIt: (draft: Draft) => void): Mutant => {
  const draft = copy(asl);
  breakIt(draft);
  return { what, asl: draft };
};

/** One way from state to state: where its name stands, so that it can be led elsewhere. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly kind: 'next' | 'choice' | 'default' | 'catch';
  readonly condition?: string;
  readonly lead: (draft: Draft, to: string) => void;
}

export const edgesOf = (asl: Asl): Edge[] =>
  Object.entries(asl.States).flatMap(([from, state]) => {
    const edge = (
      kind: Edge['kind'],
      to: string,
      at: number,
      lead: (state: MutableState, to: string) => void,
      condition?: string,
    ): Edge => ({
      from,
      to,
      kind,
      what: `${from} ${kind}${kind === 'choice' || kind === 'catch' ? ` ${at}` : ''} → ${to}`,
      ...(condition !== undefined && { condition }),
      lead: (draft, target) => lead(draft.States[from] as MutableState, target),
    });
    const isEnd = state.End === true;
    return [
      ...(state.Next !== undefined || isEnd
        ? [
            edge('next', state.Next ?? 'the end', 0, (one, to) => {
              delete one.End;
              one.Next = to;
            }),
          ]
        : []),
      ...(state.Choices ?? []).map((rule, at) =>
        edge(
          'choice',
          rule.Next,
          at,
          (one, to) => Object.assign((one.Choices ?? [])[at] as object, { Next: to }),
          rule.Condition,
        ),
      ),
      ...(state.Default === undefined
        ? []
        : [
            edge('default', state.Default, 0, (one, to) => {
              one.Default = to;
            }),
          ]),
      ...(state.Catch ?? []).map(({ Next }, at) =>
        edge('catch', Next, at, (one, to) => Object.assign((one.Catch ?? [])[at] as object, { Next: to })),
      ),
    ];
  });

/** States that are reached without going along an edge that is left out. */
const reached = (asl: Region, edges: readonly Edge[], isLeftOut: (edge: Edge) => boolean): Set<string> => {
  const seen = new Set<string>();
  const queue = [asl.StartAt];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...edges.filter((edge) => edge.from === name && !isLeftOut(edge)).map(({ to }) => to));
  }
  return seen;
};

const calls = (state: AslState | undefined, token: string): boolean =>
  textOf(state?.Arguments).includes(`\${${token}}`);
const isChanging = (state: AslState): boolean => {
  const given = textOf(state.Arguments);
  if (calls(state, 'TerraformApplyStateMachineArn') || calls(state, 'ApplyRunnerFunctionArn')) return true;
  if (calls(state, 'AnsibleRunStateMachineArn') || calls(state, 'ScriptRunStateMachineArn'))
    return given.includes("'mode': 'run'");
  return calls(state, 'ScriptRunnerFunctionArn');
};
const changing = (name: string, asl: Asl): string[] =>
  Object.entries(asl.States)
    .filter(
      ([state, one]) =>
        isChanging(one) ||
        (name === 'ansible-run' && state.startsWith('Run ')) ||
        state === 'Apply on Fargate',
    )
    .map(([state]) => state);

const perTask = (asl: Asl, state: string, task: AslState): Mutant[] => {
  const on = (what: string, breakIt: (one: MutableState) => void) =>
    broken(asl, `${state}: ${what}`, (draft) => breakIt(draft.States[state] as MutableState));
  const retries = (task.Retry ?? []).flatMap((retry, at) =>
    (['JitterStrategy', 'MaxDelaySeconds', 'MaxAttempts', 'IntervalSeconds', 'BackoffRate'] as const)
      .filter((field) => retry[field] !== undefined)
      .map((field) =>
        on(
          `retrier ${at} without ${field}`,
          (one) => void delete (one.Retry as unknown as Record<string, unknown>[])[at]?.[field],
        ),
      ),
  );
  return [
    ...retries,
    on('without Retry', (one) => void delete one.Retry),
    on('retries everything', (one) =>
      Object.assign((one.Retry ?? [])[0] as object, { ErrorEquals: ['States.ALL'] }),
    ),
    on('without TimeoutSeconds', (one) => void delete one.TimeoutSeconds),
    on('without Catch', (one) => void delete one.Catch),
    on('without a catch of States.ALL', (one) => {
      one.Catch = (one.Catch ?? []).filter(({ ErrorEquals }) => !ErrorEquals.includes('States.ALL'));
    }),
    ...(/FunctionName|StateMachineArn|Body/.test(textOf(task.Arguments))
      ? [
          on('called with what no token names', (one) => {
            const given = textOf(one.Arguments);
            one.Arguments = JSON.parse(
              given.replace(/"(FunctionName|StateMachineArn|Bucket)":"[^"]+"/, '"$1":"arn:aws:thing"'),
            );
          }),
        ]
      : []),
    on('another service', (one) => {
      one.Resource = 'arn:aws:states:::aws-sdk:ec2:terminateInstances';
    }),
    // What people are asked about is waited for by nobody; everything else is.
    on('fire and forget', (one) => {
      const start = 'arn:aws:states:::states:startExecution';
      one.Resource = one.Resource === start ? `${start}.sync:2` : start;
    }),
  ];
};

const perEdge = (asl: Asl): Mutant[] =>
  edgesOf(asl).map((edge) =>
    broken(asl, `${edge.what} leads nowhere`, (draft) => edge.lead(draft, 'Nowhere')),
  );

/** Variables of which nothing is known any more, wherever they were assigned. */
const perVariable = (asl: Asl): Mutant[] => {
  const text = textOf(asl);
  const assigned = new Set(
    [...text.matchAll(/"Assign":(\{.*?\})(?=,"|\})/g)].flatMap(([, found]) =>
      [...(found ?? '').matchAll(/[{,]"([A-Za-z]+)":/g)].map(([, name]) => name ?? ''),
    ),
  );
  const drop = (value: unknown, variable: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, one] of Object.entries(value)) {
      if (name === 'Assign') delete (one as Record<string, unknown>)[variable];
      drop(one, variable);
    }
  };
  return [...assigned]
    .filter((name) => new RegExp(`\\$${name}\\b`).test(text))
    .map((name) => broken(asl, `$${name} is assigned nowhere`, (draft) => drop(draft, name)));
};

/** Every way that leads, undecided, to what changes something. */
const pastTheGate = (name: string, asl: Asl): Mutant[] => {
  const edges = edgesOf(asl);
  const isGuarded = (edge: Edge): boolean =>
    /'approved'|enterAt|mode = 'check'|gate = 'none'/.test(edge.condition ?? '') ||
    (edge.kind === 'next' && calls(asl.States[edge.from], 'AuthorizeChangeFunctionArn'));
  const undecided = reached(asl, edges, isGuarded);
  return changing(name, asl).flatMap((target) =>
    edges
      .filter((edge) => undecided.has(edge.from) && !isGuarded(edge))
      .map((edge) => broken(asl, `${edge.what} leads to ${target}`, (draft) => edge.lead(draft, target))),
  );
};

const elsewhere = (asl: Asl, state: string, from: RegExp, to: string, what: string): Mutant[] => {
  const given = textOf(asl.States[state]);
  return from.test(given)
    ? [
        broken(asl, `${state}: ${what}`, (draft) => {
          draft.States[state] = JSON.parse(given.replace(from, to));
        }),
      ]
    : [];
};

const otherDecisions = (name: string, asl: Asl): Mutant[] => {
  const edges = edgesOf(asl);
  const targets = new Set(changing(name, asl));
  const guards = new Set(
    edges.filter(({ to, condition }) => condition !== undefined && targets.has(to)).map(({ from }) => from),
  );
  return [
    ...[...guards].flatMap((state) => [
      ...elsewhere(asl, state, /= 'approved'/, "= 'rejected'", 'goes on when rejected'),
      ...elsewhere(asl, state, /= 'approved'/, "!= 'rejected'", 'goes on when expired'),
      ...elsewhere(asl, state, /enterAt = 'apply'/, "enterAt = 'plan'", 'enters without a change'),
      ...elsewhere(asl, state, /decision\.outcome/, 'decision.reason', 'reads another field'),
    ]),
    ...elsewhere(asl, 'Is it a check?', /mode = 'check'/, "mode != 'check'", 'takes a run for a check'),
    ...[...targets].flatMap((state) =>
      elsewhere(
        asl,
        state,
        /'change': \$[A-Za-z.]+/,
        "'change': $states.context.Execution.Input.another",
        'carries out another change',
      ),
    ),
    ...Object.keys(asl.States)
      .filter(
        (state) =>
          calls(asl.States[state], 'ApprovalGateStateMachineArn') ||
          calls(asl.States[state], 'AuthorizeChangeFunctionArn'),
      )
      .flatMap((state) =>
        elsewhere(
          asl,
          state,
          /'change': \$[A-Za-z.]+/,
          "'change': $states.context.Execution.Input.another",
          'asks about another change',
        ),
      ),
  ];
};

/** Ends that nobody records or hears of. */
const silentEnds = (asl: Asl): Mutant[] => {
  const states = Object.entries(asl.States);
  if (!states.some(([, state]) => calls(state, 'BeginRunFunctionArn'))) return [];
  const edges = edgesOf(asl);
  const recorders = states.filter(([, state]) => calls(state, 'EndRunFunctionArn')).map(([name]) => name);
  const tellers = states.filter(([, state]) => calls(state, 'NotifyFunctionArn')).map(([name]) => name);
  const unrecorded = reached(asl, edges, (edge) => recorders.includes(edge.from));
  const ends = states
    .filter(([, state]) => state.Type === 'Succeed' || state.Type === 'Fail' || state.End === true)
    .map(([name]) => name);
  const without = (names: readonly string[]): Mutant[] =>
    names.map((name) =>
      broken(asl, `${name} is left out`, (draft) => {
        for (const edge of edges.filter(({ to }) => to === name))
          edge.lead(draft, asl.States[name]?.Next ?? '');
        delete draft.States[name];
      }),
    );
  return [
    ...without(recorders),
    ...without(tellers),
    ...ends.flatMap((end) =>
      edges
        .filter((edge) => unrecorded.has(edge.from) && !recorders.includes(edge.from))
        .map((edge) => broken(asl, `${edge.what} leads to ${end}`, (draft) => edge.lead(draft, end))),
    ),
    ...recorders.flatMap((from) =>
      ends
        .filter((end) => asl.States[end]?.Type !== 'Fail')
        .flatMap((end) =>
          edges
            .filter((edge) => edge.from === from)
            .map((edge) => broken(asl, `${edge.what} leads to ${end}`, (draft) => edge.lead(draft, end))),
        ),
    ),
  ];
};

const loops = (asl: Asl): Mutant[] => [
  ...edgesOf(asl)
    .filter(
      ({ kind, from }) =>
        kind === 'next' && from !== asl.StartAt && !calls(asl.States[from], 'AwaitLeaseFunctionArn'),
    )
    .map((edge) =>
      broken(asl, `${edge.what} leads back to the start`, (draft) => edge.lead(draft, asl.StartAt)),
    ),
  ...Object.keys(asl.States).flatMap((state) =>
    elsewhere(asl, state, / and \$tries < 3/, '', 'counts to no end'),
  ),
];

const times = (asl: Asl): Mutant[] => {
  const most = Math.max(
    ...Object.values(asl.States).map(({ TimeoutSeconds }) => Number(TimeoutSeconds) || 0),
  );
  return most > 0
    ? [
        broken(asl, 'the machine ends before its state', (draft) => {
          draft.TimeoutSeconds = most - 1;
        }),
      ]
    : [];
};

/** Every definition that comes from breaking one thing of this one, of which each must be found. */
export const mutantsOf = (name: string, asl: Asl): Mutant[] => [
  broken(asl, 'no QueryLanguage', (draft) => void delete draft.QueryLanguage),
  broken(asl, 'no TimeoutSeconds', (draft) => void delete draft.TimeoutSeconds),
  broken(asl, 'no example', (draft) => {
    draft.Comment = 'A thing.';
  }),
  broken(asl, 'starts nowhere', (draft) => {
    draft.StartAt = 'Nowhere';
  }),
  broken(asl, 'a state that nothing leads to', (draft) => {
    draft.States.Island = { Type: 'Succeed' };
  }),
  ...Object.entries(asl.States).flatMap(([state, one]) =>
    one.Type === 'Task' ? perTask(asl, state, one) : [],
  ),
  ...Object.entries(asl.States).flatMap(([state, one]) =>
    one.Type === 'Fail'
      ? [
          broken(
            asl,
            `${state}: without a name`,
            (draft) => void delete (draft.States[state] as MutableState).Error,
          ),
        ]
      : [],
  ),
  ...perEdge(asl),
  ...perVariable(asl),
  ...pastTheGate(name, asl),
  ...otherDecisions(name, asl),
  ...silentEnds(asl),
  ...loops(asl),
  ...times(asl),
];
