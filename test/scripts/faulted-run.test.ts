import { Socket } from 'node:net';
import type { Call } from '../../scripts/faults/fault-proxy';
import { type FaultedRun, makeFaultJudge } from '../../scripts/faults/faulted-run';
import { calmSchedule, type Fault } from '../../scripts/faults/schedule';

const runOf = (runId: string, workspace: string, faults: readonly Fault[] = []): FaultedRun => ({
  runId,
  workspace,
  schedule: { ...calmSchedule({ module: true, role: true }), faults },
  happened: [],
  links: new Set(),
  stopDue: false,
});
const call = (step: string, text: string, more: Partial<Call> = {}): Call => ({
  step,
  service: 's3',
  method: 'GET',
  text,
  socket: new Socket(),
  ...more,
});
const heartbeat = (runId: string, task: string) =>
  `/\n{"Key":{"runId":{"S":"${runId}"}},"UpdateExpression":"SET worker = :worker","ExpressionAttributeValues":{":worker":{"M":{"task":{"S":"${task}"}}}}}`;

test('a fault meets the n-th call of its step and as many as it lasts, of its run alone', async () => {
  const { judge, follow } = makeFaultJudge();
  const drop: Fault = { kind: 'service', at: { step: 'end-run', call: 1 }, effect: 'drop', times: 2 };
  const run = runOf('one', 'faults-0/box-a', [drop]);
  follow(run);
  follow(runOf('two', 'faults-1/box-b'));
  const effects: string[] = [];
  for (const text of ['/one', '/two', '/one', '/two', '/one', '/one'])
    effects.push(await judge(call('end-run', text)));
  expect(effects).toEqual(['pass', 'pass', 'drop', 'pass', 'drop', 'pass']);
  expect(await judge(call('notify', '/one'))).toBe('pass');
  expect(run.happened).toEqual([drop]);
});

test('calls that name nothing belong to whom their connection was used for, and to nobody else', async () => {
  const { judge, follow, release } = makeFaultJudge();
  const drop: Fault = { kind: 'service', at: { step: 'end-run', call: 0 }, effect: 'drop', times: 9 };
  const run = runOf('one', 'faults-0/box-a', [drop]);
  follow(run);
  const socket = new Socket();
  expect(await judge(call('end-run', '/catalogue'))).toBe('pass');
  expect(await judge(call('end-run', '/one', { socket }))).toBe('drop');
  expect(await judge(call('end-run', '/catalogue', { socket }))).toBe('drop');
  await release(run);
  expect(await judge(call('end-run', '/catalogue', { socket }))).toBe('pass');
});

test('what a worker says to show that it lives is not counted', async () => {
  const { judge, follow } = makeFaultJudge();
  const drop: Fault = { kind: 'service', at: { step: 'terraform-apply', call: 1 }, effect: 'drop', times: 1 };
  follow(runOf('one', 'faults-0/box-a', [drop]));
  const beat = call('terraform-plan', heartbeat('one', 'terraform-apply'));
  expect([await judge(beat), await judge(beat), await judge(beat)]).toEqual(['pass', 'pass', 'pass']);
  expect(await judge(call('terraform-plan', '/one'))).toBe('drop');
});

test('somebody stops the run when OpenTofu takes the lock, and once', async () => {
  const { judge, follow } = makeFaultJudge();
  const stop: Fault = { kind: 'stop', at: { step: 'terraform-apply', call: 'lock' } };
  const run = runOf('one', 'faults-0/box-a', [stop]);
  follow(run);
  const path = '/state/faults-0/box-a/terraform.tfstate.tflock?x-id=PutObject';
  await judge(call('terraform-apply', path, { method: 'DELETE' }));
  expect(run.stopDue).toBe(false);
  expect(await judge(call('terraform-apply', path, { method: 'PUT' }))).toBe('pass');
  expect(run.stopDue).toBe(true);
});

test('a state that is not stored is refused to an apply alone', async () => {
  const { judge, follow } = makeFaultJudge();
  const run = runOf('one', 'faults-0/box-a', [{ kind: 'refuse-state' }]);
  follow(run);
  const put = (step: string) =>
    judge(call(step, '/state/faults-0/box-a/terraform.tfstate?x-id=PutObject', { method: 'PUT' }));
  expect([await put('terraform-plan'), await put('terraform-apply')]).toEqual(['pass', 'refuse']);
  expect(run.happened).toEqual([{ kind: 'refuse-state' }]);
});

test('no worker is ended that is not known to work for the run', async () => {
  const { judge, follow, release } = makeFaultJudge();
  const at = { step: 'terraform-plan', call: 0 };
  const run = runOf('one', 'faults-0/box-a', [{ kind: 'kill', at, signal: 'SIGKILL', afterMs: 0 }]);
  follow(run);
  expect(await judge(call('terraform-plan', '/one'))).toBe('pass');
  await release(run);
  expect(run.happened).toEqual([]);
});

test('the link of an approval is seen in the mail that carries it', async () => {
  const { judge, follow } = makeFaultJudge();
  const run = runOf('one', 'faults-0/box-a');
  follow(run);
  const link = 'http://127.0.0.1:1/approvals/one-1?key=abc_-9';
  await judge(
    call('request-approval', `Action=Publish&Message=Run+one%3A+${encodeURIComponent(link)}`, {
      service: 'sns',
    }),
  );
  expect([...run.links]).toEqual([link]);
});
