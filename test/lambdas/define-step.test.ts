import * as z from 'zod';
import { defineStep } from '../../lambdas/shared/define-step';
import { InvalidInputError, NotApprovedError, TransientError } from '../../lambdas/shared/errors';

const context = { getRemainingTimeInMillis: () => 1000 };
const failing = (error: unknown) =>
  defineStep({
    input: z.strictObject({ n: z.int() }),
    output: z.strictObject({ n: z.int() }),
    run: async () => {
      throw error;
    },
  })({ n: 1 }, context);
const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

test.each([
  ['a throttled table', named('ThrottlingException', 'slow down')],
  ['a table at its limit', named('ProvisionedThroughputExceededException', 'too much')],
  ['a service that broke', named('InternalServerError', 'oops', { $metadata: { httpStatusCode: 500 } })],
  ['a lost connection', named('Error', 'socket hang up', { code: 'ECONNRESET' })],
  ['an answer that never came', named('TimeoutError', 'socket timed out')],
])('%s is an error that the workflow tries again', async (_, error) => {
  await expect(failing(error)).rejects.toThrow(TransientError);
  await expect(failing(error)).rejects.toThrow(/was not available/);
});

test('an error that was raised on purpose leaves as it is', async () => {
  const refusal = new NotApprovedError('nobody was asked');
  await expect(failing(refusal)).rejects.toBe(refusal);
});

test('an unforeseen error keeps its name, and nothing of what was worked on', async () => {
  await expect(failing(named('AccessDenied', 'not allowed\nsecret: zebra'))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'not allowed',
  });
  const broken = (() => {
    try {
      return JSON.parse('{"password": zebra}');
    } catch (error) {
      return error;
    }
  })();
  await expect(failing(broken)).rejects.toMatchObject({
    name: 'SyntaxError',
    message: expect.not.stringContaining('zebra'),
  });
});

test('names the fields that do not fit, and shows no value', async () => {
  const step = defineStep({ input: z.strictObject({ n: z.int() }), output: z.any(), run: async () => null });
  const refused = step({ n: 'zebra', more: 1 }, context);
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow(/n: .*more/);
  await expect(refused).rejects.not.toThrow(/zebra/);
});
