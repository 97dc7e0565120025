import { join } from 'node:path';
import type { Asl, AslState } from '../../../lib/asl/asl';
import { checkWorkflows, readDefinitions, requireSound } from '../../../lib/asl/check-workflows';

const folder = join(__dirname, '../../../workflows');
const definitions = readDefinitions(folder);
const settled = checkWorkflows(definitions);

const caught = [{ ErrorEquals: ['States.ALL'], Assign: { error: '${CaughtError}' }, Next: 'Failed' }];
const retry = [
  {
    ErrorEquals: ['TransientError'],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxDelaySeconds: 20,
    MaxAttempts: 5,
    JitterStrategy: 'FULL',
  },
];
const failed: AslState = { Type: 'Fail', Error: '{% $error.name %}', Cause: '{% $error.message %}' };
const invoke = (fn: string, payload: unknown, more: object = {}): AslState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: `\${${fn}FunctionArn}`, Payload: payload },
  TimeoutSeconds: 60,
  Retry: retry,
  Catch: caught,
  ...more,
});
const start = (block: string, input: unknown, more: object = {}): AslState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Arguments: { StateMachineArn: `\${${block}StateMachineArn}`, Input: input },
  TimeoutSeconds: 3_000_000,
  Retry: retry,
  Catch: caught,
  ...more,
});
const block = (
  StartAt: string,
  States: Record<string, AslState>,
  more: object = { Failed: failed },
): Asl => ({
  Comment: 'A thing. Example input: {}',
  QueryLanguage: 'JSONata',
  TimeoutSeconds: 3_000_000,
  StartAt,
  States: { ...States, ...more },
});
const check = (asl: Asl) => checkWorkflows({ thing: asl }, settled).thing;
const problemsOf = (asl: Asl): string => check(asl)?.problems.join('\n') ?? '';

const bind = (next: string) =>
  invoke(
    'BindChange',
    { plan: null },
    { Assign: { bound: '{% $states.result.Payload %}', decision: null }, Next: next },
  );
const ask = (change: string, next: string) =>
  start(
    'ApprovalGate',
    { change },
    { Assign: { decision: '{% $states.result.Output.decision %}' }, Next: next },
  );
const apply = (change: string) => start('TerraformApply', { change }, { End: true });
const isApproved = (yes: string, no: string): AslState => ({
  Type: 'Choice',
  Choices: [{ Condition: "{% $decision.outcome = 'approved' %}", Next: yes }],
  Default: no,
});

test('our own workflows pass', () => {
  expect(() => requireSound(folder)).not.toThrow();
});

test('an approved change may be applied', () => {
  const asl = block('Bind', {
    Bind: bind('Ask'),
    Ask: ask('{% $bound.change %}', 'Approved?'),
    'Approved?': isApproved('Apply', 'Not approved'),
    Apply: apply('{% $bound.change %}'),
    'Not approved': { Type: 'Succeed' },
  });
  expect(check(asl)).toMatchObject({ problems: [], needsDecision: false });
});

test('a change that was bound anew after the decision is another change', () => {
  const asl = block('Bind', {
    Bind: bind('Has it been asked about?'),
    'Has it been asked about?': isApproved('Apply', 'Ask'),
    Ask: ask('{% $bound.change %}', 'Approved?'),
    'Approved?': isApproved('Bind', 'Not approved'),
    Apply: apply('{% $bound.change %}'),
    'Not approved': { Type: 'Succeed' },
  });
  expect(problemsOf(asl)).not.toContain('without a decision');
  // What is bound keeps no decision of before, as long as the second binding does not clear it.
  const kept = structuredClone(asl) as { States: Record<string, { Assign?: unknown }> } & Asl;
  Object.assign(kept.States.Bind as object, { Assign: { bound: '{% $states.result.Payload %}' } });
  Object.assign(kept, {
    StartAt: 'Begin',
    States: { ...kept.States, Begin: { Type: 'Pass', Assign: { decision: null }, Next: 'Bind' } },
  });
  expect(problemsOf(kept)).toContain(
    'state "Apply" calls terraform-apply, which changes something, without a decision',
  );
});

test('a block that applies what it is handed leaves the decision to its callers', () => {
  const inner = block('Apply', { Apply: apply('{% $states.input.change %}') });
  expect(check(inner)).toMatchObject({ problems: [], needsDecision: true });
  const outer = block('Call', {
    Call: start('Thing', { change: '{% $states.input.other.change %}' }, { End: true }),
  });
  const calling = { thing: inner, outer };
  expect(checkWorkflows(calling, settled).outer).toMatchObject({ problems: [], needsDecision: true });
  const bound = block('Bind', {
    Bind: bind('Call'),
    Call: start('Thing', { change: '{% $bound.change %}' }, { End: true }),
  });
  expect(checkWorkflows({ thing: inner, bound }, settled).bound?.problems.join()).toContain(
    'workflows/bound.asl.json: state "Call" calls thing, which changes something, without a decision on that very change',
  );
});

const each = (States: Record<string, AslState>, StartAt: string, more: object = {}): AslState => ({
  Type: 'Map',
  Items: '{% $states.context.Execution.Input.hosts %}',
  ItemProcessor: { StartAt, States },
  Catch: caught,
  End: true,
  ...more,
});

test('an approval before a Map holds for every item, inline and distributed', () => {
  const configure = (change: string) =>
    start(
      'AnsibleRun',
      { mode: 'run', change },
      { End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Broke' }] },
    );
  const broke: AslState = { Type: 'Fail', Error: 'HostError', Cause: 'It broke.' };
  const around = (map: AslState) =>
    block('Bind', {
      Bind: bind('Ask'),
      Ask: ask('{% $bound.change %}', 'Approved?'),
      'Approved?': isApproved('Each', 'Not approved'),
      Each: map,
      'Not approved': { Type: 'Succeed' },
    });
  const inline = around(each({ Configure: configure('{% $bound.change %}'), Broke: broke }, 'Configure'));
  expect(check(inline)?.problems).toEqual([]);
  const apart = (change: string): AslState => ({
    ...each({ Configure: configure(change), Broke: broke }, 'Configure', {
      ItemSelector: { change: '{% $bound.change %}' },
    }),
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED' },
      StartAt: 'Configure',
      States: { Configure: configure(change), Broke: broke },
    },
  });
  expect(check(around(apart('{% $states.input.change %}')))?.problems).toEqual([]);
  expect(problemsOf(around(apart('{% $bound.change %}')))).toContain('reads $bound, which is not assigned');
});

test.each<[string, AslState, string]>([
  [
    'unknown length',
    each({ Done: { Type: 'Succeed' } }, 'Done', { Items: '{% $states.input.things %}' }),
    'a list of unknown length',
  ],
  ['no catch', each({ Done: { Type: 'Succeed' } }, 'Done', { Catch: [] }), 'does not catch States.ALL'],
  [
    'too many events',
    each(
      Object.fromEntries(
        Array.from({ length: 130 }, (_, n) => [
          `P${n}`,
          n === 129 ? { Type: 'Succeed' } : { Type: 'Pass', Next: `P${n + 1}` },
        ]),
      ),
      'P0',
    ),
    'of 25000 that Step Functions allows',
  ],
])('refuses a Map with %s', (_, map, problem) => {
  expect(problemsOf(block('Each', { Each: map }))).toContain(problem);
});

test.each<[string, AslState, string]>([
  [
    'another service',
    { ...invoke('Notify', 1, { End: true }), Resource: 'arn:aws:states:::aws-sdk:ec2:runInstances' },
    'do not know what it changes',
  ],
  [
    'a function that no token names',
    invoke('Notify', 1, { End: true, Arguments: { FunctionName: 'arn:x', Payload: 1 } }),
    'that no token names',
  ],
  ['an unknown worker', invoke('DatabaseRunner', 1, { End: true }), 'a worker that the checks do not know'],
  [
    'a block that is not there',
    start('NoSuch', {}, { End: true }),
    'there is no file workflows/no-such.asl.json',
  ],
  [
    'a worker of its own',
    invoke('ApplyRunner', { task: 'terraform-apply' }, { End: true }),
    'that authorize-change has not let pass',
  ],
  [
    'less time than its block',
    start('TerraformPlan', {}, { End: true, TimeoutSeconds: 60 }),
    'which takes up to 9000',
  ],
  ['an unreadable expression', invoke('Notify', '{% $x + %}', { End: true }), 'that is no JSONata'],
  [
    'a variable of nowhere',
    invoke('Notify', '{% $map([1], function($n) { $n + $else }) %}', { End: true }),
    'reads $else',
  ],
])('refuses a task with %s', (_, task, problem) => {
  expect(problemsOf(block('Do', { Do: task }))).toContain(problem);
});

test('a loop that counts is bounded; one that does not is refused', () => {
  const loop = (condition: string) =>
    block(
      'Begin',
      {
        Begin: { Type: 'Pass', Assign: { turns: 1 }, Next: 'Again?' },
        'Again?': { Type: 'Choice', Choices: [{ Condition: condition, Next: 'Turn' }], Default: 'Done' },
        Turn: { Type: 'Pass', Assign: { turns: '{% $turns + 1 %}' }, Next: 'Again?' },
        Done: { Type: 'Succeed' },
      },
      {},
    );
  expect(check(loop('{% $turns < 4 %}'))).toMatchObject({
    problems: [],
    bounds: { events: 2 + 2 + 4 * 2 + 3 * 2 + 2 },
  });
  expect(problemsOf(loop('{% $turns > 0 %}'))).toContain('is too involved to be checked');
  expect(problemsOf(loop('{% $states.input.more %}'))).toContain('is too involved to be checked');
});

test('a message names file, state, reason and path', () => {
  expect(problemsOf(block('Bind', { Bind: bind('Apply'), Apply: apply('{% $bound.change %}') }))).toBe(
    "workflows/thing.asl.json: state \"Apply\" calls terraform-apply, which changes something, without a decision on that very change. Bind it with bind-change, ask about the same change with the block approval-gate, and go there only where {% $decision.outcome = 'approved' %} or where {% $bound.gate = 'none' %}. Path: Bind → Apply.",
  );
});
