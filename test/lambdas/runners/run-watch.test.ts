import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { workerAttributes } from '../../../lambdas/runners/contract';
import { makeRunWatch } from '../../../lambdas/runners/run-watch';

const words = /#?\w+(?=[\s.=,)]|$)/g;
const keywords = ['SET', 'REMOVE', 'attribute_exists'];

/** The attributes that an update touches or reads, as DynamoDB counts them: the first step of each path. */
const attributesOf = ({
  Key = {},
  UpdateExpression = '',
  ConditionExpression = '',
  ExpressionAttributeNames = {},
}: UpdateCommandInput): string[] => {
  const paths = `${UpdateExpression} ${ConditionExpression}`
    .replaceAll(/:\w+/g, '')
    .replaceAll(/\.#?\w+/g, '');
  const named = (paths.match(words) ?? []).filter((word) => !keywords.includes(word));
  return [...Object.keys(Key), ...named.map((word) => ExpressionAttributeNames[word] ?? word)];
};

test('a worker writes nothing of a run that its role may not write', async () => {
  const sent: UpdateCommandInput[] = [];
  const client = {
    send: async (command: { input: UpdateCommandInput }) => {
      sent.push(command.input);
      return { Attributes: { status: 'running' } };
    },
  };
  const watch = makeRunWatch({
    client: client as unknown as Parameters<typeof makeRunWatch>[0]['client'],
    runsTable: 'runs',
  });
  await watch.report('run-1', 'terraform-plan', new Date(0));
  await watch.leave('run-1', 'terraform-plan');
  const when = { at: '1970-01-01T00:00:00.000Z', seconds: 1 };
  await watch.leave('run-1', 'terraform-plan', { finished: 'terraform-plan', changeId: null, ...when });
  await watch.leave('run-1', 'terraform-plan', { interrupted: 'terraform-plan', ...when });
  const used = [...new Set(sent.flatMap(attributesOf))];
  expect(used.sort()).toEqual([...workerAttributes].sort());
});
