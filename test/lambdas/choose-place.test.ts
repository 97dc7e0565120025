import fc from 'fast-check';
import { choosePlaces } from '../../lambdas/begin-run/choose-place';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { withDurations } from '../../lambdas/shared/workspace-store';

const both = ['plan', 'apply'];
const known = { wanted: null, isResumed: false, last: undefined, onFargate: both } as const;
const after = (durations: Record<string, number>, ...interrupted: string[]) => ({ durations, interrupted });

test.each([
  ['nothing is known', undefined, 'lambda', 'no plan was done here before'],
  ['it took a minute', after({ 'terraform-plan': 61.4 }), 'lambda', 'the last plan here took 61 s'],
  ['it took eight minutes', after({ 'terraform-plan': 480 }), 'lambda', 'the last plan here took 8 min'],
  ['it took nine minutes', after({ 'terraform-plan': 540 }), 'fargate', 'the last plan here took 9 min'],
  [
    'it ran out of time, after short ones',
    after({ 'terraform-plan': 5 }, 'terraform-plan'),
    'fargate',
    'the last plan here ran out of time',
  ],
] as const)('when %s, the plan is made where it has the time', (_, last, runsOn, because) => {
  expect(choosePlaces({ ...known, last }).plan).toEqual({ runsOn, because });
});

test('each part is chosen for itself', () => {
  const last = after({ 'terraform-plan': 5, 'terraform-apply': 1200 });
  expect(choosePlaces({ ...known, last })).toMatchObject({
    plan: { runsOn: 'lambda' },
    apply: { runsOn: 'fargate', because: 'the last apply here took 20 min' },
  });
});

test('an environment without Fargate says that there is nothing else, and refuses to be told otherwise', () => {
  const none = { ...known, onFargate: ['none'] };
  expect(choosePlaces({ ...none, last: after({ 'terraform-plan': 600 }) }).plan).toEqual({
    runsOn: 'lambda',
    because: 'the last plan here took 10 min, but this environment has nothing else',
  });
  expect(() => choosePlaces({ ...none, wanted: 'fargate' })).toThrow(InvalidInputError);
  expect(() => choosePlaces({ ...none, wanted: 'fargate' })).toThrow(/nothing on Fargate\. Leave runsOn out/);
});

test('what the input says wins, but for a run that is resumed after it ran out of time', () => {
  const last = withDurations(after({ 'terraform-apply': 3 }), {}, ['terraform-apply']);
  const wanted = { ...known, wanted: 'lambda', last } as const;
  expect(choosePlaces(wanted).apply).toEqual({ runsOn: 'lambda', because: 'the input says so' });
  expect(choosePlaces({ ...wanted, isResumed: true })).toEqual({
    plan: { runsOn: 'lambda', because: 'the input says so' },
    apply: { runsOn: 'fargate', because: 'the last apply here ran out of time' },
  });
});

test('nothing is sent to where this environment has nothing', () => {
  const task = fc.constantFrom('terraform-plan', 'terraform-apply', 'ansible-run-run');
  fc.assert(
    fc.property(
      fc.record({
        wanted: fc.constantFrom(null, 'lambda', 'fargate') as fc.Arbitrary<'lambda' | 'fargate' | null>,
        isResumed: fc.boolean(),
        last: fc.option(
          fc.record({
            durations: fc.dictionary(task, fc.double({ min: 0, max: 10_000, noNaN: true })),
            interrupted: fc.uniqueArray(task),
          }),
          { nil: undefined },
        ),
        onFargate: fc.subarray(both),
      }),
      (given) => {
        fc.pre(given.wanted !== 'fargate' || given.onFargate.length === both.length);
        for (const [part, { runsOn, because }] of Object.entries(choosePlaces(given))) {
          expect(because.length).toBeLessThan(200);
          if (runsOn === 'fargate') expect(given.onFargate).toContain(part);
        }
      },
    ),
  );
});
