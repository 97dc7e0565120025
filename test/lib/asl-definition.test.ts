import { AslDefinition } from '../../lib/constructs/asl-definition';

const task = (state: object = {}) =>
  JSON.stringify({
    Comment: 'A thing. Example input: {"a":1}',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: 60,
    StartAt: 'Do it',
    States: {
      'Do it': {
        Type: 'Task',
        Resource: '${DoItArn}',
        TimeoutSeconds: 10,
        Retry: [{ ErrorEquals: ['TransientError'], JitterStrategy: 'FULL' }],
        Catch: [{ ErrorEquals: ['States.ALL'], Assign: { error: '${CaughtError}' }, Next: 'Failed' }],
        End: true,
        ...state,
      },
      Failed: { Type: 'Fail' },
    },
  });

test('replaces every token and knows CaughtError itself', () => {
  const text = AslDefinition.fromText(task()).substitute({ DoItArn: 'arn:do-it' });
  expect(JSON.parse(text).States['Do it'].Resource).toBe('arn:do-it');
  expect(text).not.toContain('${');
});

test('names a token without a value and a value without a token', () => {
  const definition = AslDefinition.fromText(task(), 'thing.asl.json');
  expect(() => definition.substitute({})).toThrow('thing.asl.json: no binding for DoItArn');
  expect(() => definition.substitute({ DoItArn: 'a', Other: 'b' })).toThrow('binding for Other');
});

test('splits the comment into a summary and an example', () => {
  const definition = AslDefinition.fromText(task());
  expect(definition.summary).toBe('A thing.');
  expect(definition.example).toEqual({ a: 1 });
});
