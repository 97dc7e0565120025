import { type AslState, type Region, regionsOf, targetsOf } from './asl';

/** Told of each state that breaks a rule, with what to do about it. */
export type Tell = (state: string, what: string) => void;

const isCaught = (state: AslState): boolean => {
  const last = state.Catch?.at(-1);
  return last?.ErrorEquals.length === 1 && last.ErrorEquals[0] === 'States.ALL';
};

const checkRetries = (name: string, state: AslState, tell: Tell): void => {
  const retries = state.Retry ?? [];
  if (retries.length === 0) tell(name, 'retries nothing. Name the errors that pass, e.g. TransientError.');
  for (const retry of retries) {
    if (retry.ErrorEquals.length === 0) tell(name, 'retries no error. Name those that pass.');
    if (retry.ErrorEquals.some((error) => error === 'States.ALL' || error === 'States.TaskFailed'))
      tell(name, 'retries errors it does not name. List each by its name.');
    if (retry.JitterStrategy !== 'FULL')
      tell(name, 'retries without full jitter. Add "JitterStrategy": "FULL".');
    if (retry.MaxDelaySeconds === undefined)
      tell(name, 'retries without a cap. Add "MaxDelaySeconds", e.g. 20.');
    if (retry.IntervalSeconds === undefined || retry.MaxAttempts === undefined)
      tell(
        name,
        'does not say how often and after how long it retries. Add "IntervalSeconds" and "MaxAttempts".',
      );
    if ((retry.MaxAttempts ?? 0) > 1 && !((retry.BackoffRate ?? 0) > 1))
      tell(name, 'retries without backoff. Add "BackoffRate": 2.');
  }
};

const assignedIn = (region: Region): [state: string, variable: string][] =>
  Object.entries(region.States).flatMap(([name, { Assign, Choices = [], Catch = [] }]) =>
    [Assign, ...Choices.map((rule) => rule.Assign), ...Catch.map((catcher) => catcher.Assign)].flatMap(
      (given) => Object.keys(given ?? {}).map((variable): [string, string] => [name, variable]),
    ),
  );

/** Names that mean two things: a state's, of which a machine has each once, and a variable's, within what is around it. */
export const checkNames = (
  region: Region,
  tell: Tell,
  outer: ReadonlySet<string> = new Set(),
  seen: Set<string> = new Set(),
): void => {
  const own = assignedIn(region);
  for (const [name, variable] of own)
    if (outer.has(variable))
      tell(
        name,
        `assigns $${variable}, which belongs to the states around it. Name it otherwise, and hand the value out as the output.`,
      );
  for (const [name, state] of Object.entries(region.States)) {
    if (seen.has(name)) tell(name, 'has the name of another state of the machine. Name it otherwise.');
    seen.add(name);
    const isApart = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const around = new Set([...outer, ...own.map(([, variable]) => variable)]);
    for (const inner of regionsOf(state)) checkNames(inner, tell, isApart ? new Set() : around, seen);
  }
};

/** What every state must have, whatever leads to it. */
export const checkStates = (region: Region, tell: Tell): void => {
  for (const [name, state] of Object.entries(region.States)) {
    if (state.Type === 'Task') {
      if (state.TimeoutSeconds === undefined) tell(name, 'has no TimeoutSeconds. Say how long it may take.');
      checkRetries(name, state, tell);
    }
    if (['Task', 'Map', 'Parallel'].includes(state.Type) && !isCaught(state))
      tell(name, 'does not catch States.ALL, by itself and last. Catch it and lead it to a recorded end.');
    if (state.Type === 'Fail' && (!state.Error || !state.Cause))
      tell(name, 'fails without a name or a reason. Give it "Error" and "Cause".');
    if (state.Type === 'Map' && !state.ItemProcessor) tell(name, 'has no ItemProcessor.');
    if (state.Type === 'Parallel' && !state.Branches?.length) tell(name, 'has no Branches.');
    for (const inner of regionsOf(state)) checkStates(inner, tell);
  }
};

/** Whether every state leads somewhere and is led to. False: nothing can be said of paths. */
export const checkLinks = (region: Region, tell: Tell): boolean => {
  let isSound = true;
  const broken: Tell = (state, what) => {
    isSound = false;
    tell(state, what);
  };
  if (!Object.hasOwn(region.States, region.StartAt))
    broken(region.StartAt, 'is where it starts (StartAt), but there is no such state. Correct the name.');
  const seen = new Set<string>();
  const queue = [region.StartAt];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const state = seen.has(name) ? undefined : region.States[name];
    seen.add(name);
    if (!state) continue;
    const targets = targetsOf(state);
    for (const target of targets)
      if (!Object.hasOwn(region.States, target))
        broken(name, `leads to "${target}", which does not exist. Correct the name.`);
    const isLast = state.Type === 'Succeed' || state.Type === 'Fail' || state.Type === 'Choice';
    if (!isLast && state.Next === undefined && state.End !== true)
      broken(name, 'leads nowhere. Give it "Next", or "End": true.');
    if (!isLast && state.Next !== undefined && state.End !== undefined)
      broken(name, 'has both "Next" and "End". Remove one.');
    queue.push(...targets);
  }
  for (const [name, state] of Object.entries(region.States)) {
    if (!seen.has(name)) tell(name, 'is reached from nowhere. Lead to it, or remove it.');
    for (const inner of regionsOf(state)) isSound = checkLinks(inner, tell) && isSound;
  }
  return isSound;
};
