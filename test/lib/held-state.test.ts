import { join } from 'node:path';
import { AslDefinition } from '../../lib/constructs/asl-definition';
import { evaluate } from '../support/step-functions-jsonata';

interface State {
  readonly Choices: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default: string;
  readonly Assign: Record<string, string>;
  readonly Retry: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
}

const locked = { name: 'StateLockedError', message: 'The state is locked.' };

describe.each([
  ['terraform-plan', 'Plan change', 'Plan on Fargate', 'Plan failed'],
  ['terraform-apply', 'Apply plan', 'Apply on Fargate', 'Apply failed'],
])('%s, when the state is held', (name, onLambda, onFargate, failed) => {
  const { asl } = AslDefinition.fromFile(join(__dirname, `../../workflows/${name}.asl.json`));
  const states = asl.States as unknown as Record<string, State>;
  const choose = async (at: string, variables: Record<string, unknown>): Promise<string> => {
    for (const { Condition, Next } of states[at]?.Choices ?? [])
      if (await evaluate(Condition, { variables })) return Next;
    return states[at]?.Default ?? '';
  };
  const examined = (verdict: string) => ({
    result: { Payload: { examined: [{ verdict, findings: ['It is gone.'] }] } },
  });

  test('both places look whether it is', () => {
    for (const place of [onLambda, onFargate])
      expect(states[place]?.Catch).toMatchObject([
        { ErrorEquals: ['States.ALL'], Next: 'Is the state held?' },
      ]);
  });

  test('asks the doctor about locks and rescued states, not for ever, and about nothing else', async () => {
    const ask = (error: object, tries: number, preview = false) =>
      choose('Is the state held?', { error, tries, task: { preview } });
    expect(await ask(locked, 1)).toBe('Ask lock doctor');
    expect(await ask({ ...locked, name: 'StateRescuedError' }, 2)).toBe('Ask lock doctor');
    expect(await ask(locked, 3)).toBe(failed);
    expect(await ask({ ...locked, name: 'TerraformError' }, 1)).toBe(failed);
    // A preview changes nothing, and repairs nothing.
    if (name === 'terraform-plan') expect(await ask(locked, 1, true)).toBe(failed);
  });

  test.each([
    ['lambda', 'repair', onLambda],
    ['fargate', 'repair', onFargate],
    // Somebody else has released it in the meantime: the doctor's sweep, or its holder.
    ['lambda', 'healthy', onLambda],
    ['lambda', 'wait', failed],
  ])('on %s, after the verdict %s, it goes on with %s', async (runsOn, verdict, next) => {
    const { repaired, tries, error } = states['Ask lock doctor']?.Assign ?? {};
    const given = { ...examined(verdict), variables: { error: locked, tries: 1 } };
    expect(await evaluate(tries ?? '', given)).toBe(2);
    expect(await evaluate(error ?? '', given)).toEqual({
      name: 'StateLockedError',
      message: 'The state is locked. It is gone.',
    });
    const variables = { runsOn, repaired: await evaluate(repaired ?? '', given) };
    expect(await choose('Is it repaired?', variables)).toBe(next);
  });
});

test.each([
  ['terraform-plan', 'Plan change', 1],
  // What it had done since it last stored its state is known to nobody: a person looks at it first.
  ['terraform-apply', 'Apply plan', 0],
])('%s: "%s" is repeated %i times when its worker dies', (name, place, times) => {
  const { asl } = AslDefinition.fromFile(join(__dirname, `../../workflows/${name}.asl.json`));
  const { Retry = [] } = (asl.States as unknown as Record<string, State>)[place] ?? {};
  for (const error of ['Runtime.ExitError', 'Lambda.Unknown'])
    expect(Retry.find(({ ErrorEquals }) => ErrorEquals.includes(error))?.MaxAttempts ?? 0).toBe(times);
});
