import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { parseOrchestratorCall } from '../../cli/orchestrator-options';
import { erasePerson, exportPerson } from '../../cli/persons';
import type { PersonalDataOutput } from '../../lambdas/personal-data/contract';
import { deployedOutputs, stackWith } from '../support/deployed-stack';

const prepare = (...parts: Partial<PersonalDataOutput>[]) => {
  const asked: Record<string, unknown>[] = [];
  const lambda = {
    send: async ({ input }: { input: { Payload: Uint8Array } }) => {
      asked.push(JSON.parse(Buffer.from(input.Payload).toString()));
      const part = { found: [], hindrances: [], also: [], next: null, ...parts[asked.length - 1] };
      return { Payload: Buffer.from(JSON.stringify(part)) };
    },
  } as unknown as LambdaClient;
  const cloudFormation = {
    send: async () => ({
      Stacks: [stackWith(deployedOutputs)],
    }),
  } as unknown as CloudFormationClient;
  return { asked, deps: { lambda, cloudFormation, environment: 'poc' } };
};

const item = { where: 'runs', key: 'run-1', data: { reason: 'because' } };
const wish = { person: 'dana', reason: 'asked to', confirm: 'dana' };

test('goes on where a part ended, and looks everywhere for names that came up on the way', async () => {
  const next = { source: 'approvals', after: null };
  const { asked, deps } = prepare(
    { found: [item], also: ['user/dana'], next },
    { also: ['user/dana'] },
    { found: [item], also: ['user/dana'] },
  );
  const held = await exportPerson(deps, 'dana');
  expect(held).toMatchObject({ person: 'dana', also: ['user/dana'], held: [item] });
  expect(asked.map(({ also, from }) => ({ also, from }))).toEqual([
    { also: [], from: null },
    { also: ['user/dana'], from: next },
    { also: ['user/dana'], from: null },
  ]);
});

test('nothing is erased that was not confirmed by the same id', async () => {
  const { asked, deps } = prepare({ found: [item] });
  await expect(erasePerson(deps, { ...wish, confirm: 'dan' })).rejects.toThrow(
    /Nothing was erased\. dana: 1 in runs\..+--confirm dana/,
  );
  expect(asked.map(({ action }) => action)).toEqual(['export']);
});

test('nothing is erased while something still has to know who they are', async () => {
  const { asked, deps } = prepare({ hindrances: ['Run run-1 has not ended.'] });
  await expect(erasePerson(deps, wish)).rejects.toThrow('Run run-1 has not ended.');
  expect(asked.map(({ action }) => action)).toEqual(['export']);
});

test('who is confirmed is erased, with who said so and why', async () => {
  const { asked, deps } = prepare({ found: [item] }, { found: [item] });
  await erasePerson(deps, wish);
  expect(asked[1]).toMatchObject({ action: 'erase', person: 'dana', reason: 'asked to' });
});

test.each([
  ['persons export', /Say persons export ID/],
  ['persons erase dana', /Say persons export ID/],
  ['persons export dana --reason why', /Say persons export ID/],
  ['persons forget dana', /Say persons export ID/],
])('refuses "%s"', (line, message) => {
  expect(() => parseOrchestratorCall([...line.split(' '), '--env', 'poc'], {})).toThrow(message);
});
