import { makeInterference } from '../../scripts/evidence/interference';
import { type Moment, makeWorkerKiller } from '../../scripts/evidence/kill-worker';
import type { Call } from '../../scripts/faults/fault-proxy';

const reports = (task: string) =>
  `/\n{"UpdateExpression":"SET worker = :worker","ExpressionAttributeValues":{":worker":{"M":{"task":{"S":"${task}"}}}}}`;
const leaves = '/\n{"UpdateExpression":"REMOVE worker SET finished"}';

/** Calls come from the process that their text begins with. */
const world = (moment: Moment) => {
  const killed: number[] = [];
  const tools = new Set<number>();
  const killer = makeWorkerKiller({
    workerBehind: async ({ method }) => Number(method),
    hasTool: async (worker) => tools.has(worker),
    kill: async (worker) => void killed.push(worker),
  });
  const killing = killer.kill(moment);
  const call = (worker: number, text: string, step = 'terraform-plan') =>
    killer.judge({ step, service: 'dynamodb', method: String(worker), text } as Call);
  return { killed, tools, killing, call };
};

describe('the worker of a task', () => {
  const moment: Moment = { task: 'terraform-plan' };

  test('is killed at the first call for which a tool works: its own or the tool’s', async () => {
    const { killed, tools, killing, call } = world(moment);
    expect(await call(1, 'before it has said what it does')).toBe('pass');
    expect(await call(1, reports('terraform-plan'))).toBe('pass');
    expect(await call(1, 'reads the module')).toBe('pass');
    tools.add(1);
    expect(await call(1, 'PUT the lock')).toBe('drop');
    await killing.done;
    expect(killed).toEqual([1]);
    expect(await call(2, reports('terraform-plan'))).toBe('pass');
  });

  test('is killed when it would leave its task, where no call came before', async () => {
    const { killed, call } = world(moment);
    await call(1, reports('terraform-plan'));
    expect(await call(1, leaves)).toBe('drop');
    expect(killed).toEqual([1]);
  });

  test('no other is: of another task, or another process', async () => {
    const { killed, tools, call } = world(moment);
    tools.add(2).add(3);
    expect(await call(2, reports('ansible-run'))).toBe('pass');
    expect(await call(2, leaves)).toBe('pass');
    await call(1, reports('terraform-plan'));
    expect(await call(3, 'anything')).toBe('pass');
    expect(killed).toEqual([]);
  });

  test('none is, once that is no longer wanted', async () => {
    const { killed, killing, call } = world(moment);
    await call(1, reports('terraform-plan'));
    killing.forget();
    expect(await call(1, leaves)).toBe('pass');
    expect(killed).toEqual([]);
  });
});

test('the worker of a step is killed at the call that is named', async () => {
  const { killed, call } = world({ step: 'rotate-secret', call: /"step":\{"S":"test"\}/ });
  expect(await call(1, '{"step":{"S":"set"}}', 'rotate-secret')).toBe('pass');
  expect(await call(2, '{"step":{"S":"test"}}', 'list-credentials')).toBe('pass');
  expect(await call(1, '{"step":{"S":"test"}}', 'rotate-secret')).toBe('drop');
  expect(killed).toEqual([1]);
});

test('every fifth call of a function is throttled, while that is wanted', async () => {
  const { judge, whileThrottled } = makeInterference();
  const ask = async (step: string) => judge({ step, text: '' } as Call);
  const five = async (step: string) => {
    const met: string[] = [];
    for (let each = 0; each < 5; each++) met.push(await ask(step));
    return met.join(' ');
  };
  expect(await five('begin-run')).toBe('pass pass pass pass pass');
  await whileThrottled(async () => {
    await ask('end-run');
    expect(await five('begin-run')).toBe('pass pass pass pass throttle');
  });
  expect(await five('begin-run')).toBe('pass pass pass pass pass');
});
