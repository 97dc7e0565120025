import { join } from 'node:path';
import { AslDefinition, caughtError } from '../../lib/constructs/asl-definition';
import { evaluate } from './step-functions-jsonata';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Error?: string;
  readonly Choices?: readonly { Condition: string; Next: string; Assign?: Record<string, unknown> }[];
  readonly Catch?: readonly { Next: string; Assign?: Record<string, unknown> }[];
  readonly Arguments?: { Input?: string; Payload?: string };
  readonly Items?: string;
  readonly ItemReader?: { readonly Arguments: { readonly Key: string } };
  readonly Assign?: Record<string, unknown>;
  readonly Output?: string;
}

/** What a task answers, or the error that it raises. */
export type Answer = { readonly result: unknown } | { readonly raises: string };

interface Walk {
  /** Tasks with what they were handed, in order. */
  readonly tasks: readonly (readonly [name: string, given: unknown])[];
  readonly output: unknown;
  /** The error of a failed end. */
  readonly failed: unknown;
}

/** A list is given one by one; its last stays. */
type Answers = Readonly<Record<string, Answer | readonly Answer[]>>;

const isList = (given: Answer | readonly Answer[] | undefined): given is readonly Answer[] =>
  Array.isArray(given);

/** Walks a workflow's states as Step Functions would, with answers in the place of tasks. */
export const walkWorkflow = async (workflow: string, input: unknown, answers: Answers): Promise<Walk> => {
  const { asl } = AslDefinition.fromFile(join(__dirname, `../../workflows/${workflow}.asl.json`));
  const { StartAt, States } = asl as unknown as { StartAt: string; States: Record<string, State> };
  const context = {
    Execution: { Id: 'arn:execution:run-1', Name: 'run-1', Input: input },
    State: { EnteredTime: '2026-01-01T00:00:00.000Z' },
  };
  const variables: Record<string, unknown> = {};
  const evaluated = async (given: unknown, more: object): Promise<unknown> => {
    const text = given === '${CaughtError}' ? caughtError : given;
    if (typeof text !== 'string' || !text.startsWith('{%')) return text;
    return evaluate(text, { input, context, variables, ...more });
  };
  const assign = async (given: Readonly<Record<string, unknown>> = {}, more: object = {}): Promise<void> => {
    const values = await Promise.all(
      Object.entries(given).map(async ([name, value]) => [name, await evaluated(value, more)] as const),
    );
    Object.assign(variables, Object.fromEntries(values));
  };
  const tasks: [string, unknown][] = [];
  let output: unknown;
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: State | undefined = States[name];
    if (!state) throw new Error(`There is no state ${name}.`);
    if (state.Type === 'Fail') return { tasks, output, failed: await evaluated(state.Error, {}) };
    let next: string | undefined = state.Next;
    let more: object = {};
    let assigned = state.Assign;
    if (state.Type === 'Choice') {
      next = state.Default;
      for (const choice of state.Choices ?? [])
        if (await evaluated(choice.Condition, {})) {
          next = choice.Next;
          assigned = choice.Assign;
          break;
        }
    } else if (state.Type === 'Task' || state.Type === 'Map') {
      const input = state.Items ?? state.ItemReader?.Arguments.Key ?? state.Arguments?.Input;
      tasks.push([name, await evaluated(input ?? state.Arguments?.Payload, {})]);
      const given = answers[name];
      const nth = tasks.filter(([one]) => one === name).length;
      const answer = isList(given) ? given[Math.min(nth, given.length) - 1] : given;
      if (!answer) throw new Error(`Nothing answers ${name}.`);
      if ('raises' in answer) {
        const [caught] = state.Catch ?? [];
        more = { errorOutput: { Error: answer.raises, Cause: 'It broke.' } };
        next = caught?.Next;
        assigned = caught?.Assign;
      } else if (state.Type === 'Map') more = { result: answer.result };
      else more = { result: { Payload: answer.result, Output: answer.result } };
    }
    await assign(assigned, more);
    if (state.Output !== undefined) output = await evaluated(state.Output, more);
    name = next;
  }
  return { tasks, output, failed: undefined };
};
