import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { extend } from '../../cli/extend';
import { follow, resume, start, status, stop } from '../../cli/orchestrator-commands';
import { exampleInput } from '../../cli/workflow-definitions';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { deployedOutputs, stackWith } from '../support/deployed-stack';

const cloudFormation = mockClient(CloudFormationClient);
const stepFunctions = mockClient(SFNClient);
const machine = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Vm';
const outputs = {
  ...deployedOutputs,
  StateMachineTerraformPlanArn: machine.replace('Vm', 'Plan'),
  StateMachineVmProvisioningArn: machine,
};
const deps = {
  stepFunctions: new SFNClient({ region: 'eu-central-1' }),
  cloudFormation: new CloudFormationClient({ region: 'eu-central-1' }),
  environment: 'poc',
};

/** Step Functions as far as executions by name go: a name that was used is refused. */
const executions = new Map<string, string>();
const folder = mkdtempSync(join(tmpdir(), 'orchestrator-'));
const inputFile = join(folder, 'input.json');
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  executions.clear();
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand, { StackName: 'orchestrator-poc-orchestrator' }).resolves({
    Stacks: [stackWith(outputs)],
  });
  stepFunctions.reset();
  stepFunctions.on(StartExecutionCommand).callsFake(({ stateMachineArn, name, input }) => {
    const executionArn = `${stateMachineArn.replace('stateMachine', 'execution')}:${name}`;
    if (executions.has(executionArn)) throw new ExecutionAlreadyExists({ message: 'exists', $metadata: {} });
    executions.set(executionArn, input);
    return { executionArn, startDate: new Date(0) };
  });
  stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
    const input = executions.get(executionArn);
    if (input === undefined) throw new ExecutionDoesNotExist({ message: 'none', $metadata: {} });
    return { executionArn, input, status: 'RUNNING' };
  });
  stepFunctions.on(GetExecutionHistoryCommand).resolves({
    events: [
      {
        id: 1,
        timestamp: new Date(0),
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'Plan change' },
      },
    ],
  });
  writeFileSync(inputFile, JSON.stringify(exampleInput('vm-provisioning')));
});

const begin = (changes: { workflow?: string; key?: string; input?: string } = {}) =>
  start(deps, {
    workflow: 'vm-provisioning',
    input: inputFile,
    key: null,
    ...changes,
  });

test('starts a run under a ULID, with a trace', async () => {
  const { runId } = await begin();
  expect(runId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(JSON.parse([...executions.values()][0] ?? '')).toMatchObject({
    workspace: 'demo/web-01',
    traceparent: expect.stringMatching(/^00-/),
  });
});

test('the same key starts one run, at once or later; the second call gets its id', async () => {
  const [first, second] = await Promise.all([begin({ key: 'order-17' }), begin({ key: 'order-17' })]);
  expect(second.runId).toBe(first.runId);
  expect((await begin({ key: 'order-17' })).runId).toBe(first.runId);
  expect(executions.size).toBe(1);
  expect((await begin({ key: 'order-18' })).runId).not.toBe(first.runId);
});

test('the same key with another input is refused', async () => {
  await begin({ key: 'order-17' });
  writeFileSync(inputFile, JSON.stringify({ ...exampleInput('vm-provisioning'), reason: 'Something else' }));
  await expect(begin({ key: 'order-17' })).rejects.toThrow(InvalidInputError);
  await expect(begin({ key: 'order-17' })).rejects.toThrow('This key has started a run with another input.');
});

test('a wrong input is refused before any call to AWS', async () => {
  writeFileSync(inputFile, '{"workspace":"demo/web-01"}');
  await expect(begin()).rejects.toThrow(InvalidInputError);
  expect(cloudFormation.calls()).toHaveLength(0);
  expect(stepFunctions.calls()).toHaveLength(0);
});

test('extends a workspace by a run that brings it to what it is, with hours on top', async () => {
  const call = { workspace: 'demo/web-01', hours: 48, reason: 'Another week', key: 'extend-1' };
  const run = await extend(deps, call);
  expect(run).toMatchObject({ workflow: 'vm-provisioning', executionArn: expect.stringContaining(':Vm:') });
  expect(JSON.parse([...executions.values()][0] ?? '')).toMatchObject({
    workspace: 'demo/web-01',
    asApplied: true,
    extendByHours: 48,
    reason: 'Another week',
    requestedBy: userInfo().username,
  });
  expect((await extend(deps, call)).runId).toBe(run.runId);
  await expect(extend(deps, { ...call, hours: 9000, key: null })).rejects.toThrow(InvalidInputError);
  expect(executions.size).toBe(1);
});

test('says that an environment is not deployed', async () => {
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] });
  await expect(begin()).rejects.toThrow('The environment poc is not deployed in this account and region');
});

test('finds a run by its id in whichever workflow it was started', async () => {
  const { runId } = await begin();
  expect(await status(deps, runId)).toMatchObject({
    runId,
    workflow: 'vm-provisioning',
    outcome: null,
    stages: [{ name: 'Plan change', status: 'running' }],
  });
});

test('follows a run to its end', async () => {
  const run = { ...(await begin()), workflow: 'vm-provisioning' };
  const ended = { id: 2, timestamp: new Date(2000), type: 'ExecutionAborted' as const };
  const entered = {
    id: 1,
    timestamp: new Date(0),
    type: 'TaskStateEntered' as const,
    stateEnteredEventDetails: { name: 'Plan change' },
  };
  stepFunctions.on(GetExecutionHistoryCommand).resolves({ events: [entered, ended] });
  stepFunctions.on(DescribeExecutionCommand).resolves({ status: 'ABORTED' });
  const seen: string[] = [];
  const onStages = (stages: readonly { name: string; status: string }[]) =>
    void seen.push(...stages.map(({ name, status: how }) => `${name}: ${how}`));
  expect(await follow(deps, run, onStages, new AbortController().signal)).toMatchObject({
    runId: run.runId,
    outcome: 'failed',
    error: { code: 'RunStoppedError' },
  });
  expect(seen).toEqual(['Plan change: stopped']);
});

test('resumes a run that has ended, which waits for its workspace as the first one did', async () => {
  writeFileSync(
    inputFile,
    JSON.stringify({ ...exampleInput('vm-provisioning'), whenBusy: 'wait', waitTimeoutSeconds: 60 }),
  );
  const { runId } = await begin();
  await expect(resume(deps, runId)).rejects.toThrow(`The run ${runId} has not ended.`);
  const input = [...executions.values()][0];
  stepFunctions.on(DescribeExecutionCommand).resolves({ status: 'FAILED', input });
  // The fake answers for whichever workflow is asked first.
  stepFunctions
    .on(DescribeExecutionCommand, {
      executionArn: `${machine.replace('stateMachine:Vm', 'execution:Plan')}:${runId}`,
    })
    .rejects(new ExecutionDoesNotExist({ message: 'none', $metadata: {} }));
  const again = await resume(deps, runId);
  expect(again).toMatchObject({ workflow: 'vm-provisioning' });
  expect(JSON.parse(executions.get(again.executionArn) ?? '')).toMatchObject({
    workspace: 'demo/web-01',
    resume: runId,
    whenBusy: 'wait',
    waitTimeoutSeconds: 60,
  });
});

test('says that there is no such run, and what no run id is', async () => {
  await expect(status(deps, '01NOPE')).rejects.toThrow('The environment poc has no run 01NOPE.');
  await expect(status(deps, '../x')).rejects.toThrow('"../x" is no run id');
});

test('stops a run with its reason, and refuses to stop one that has ended', async () => {
  const { runId, executionArn } = await begin();
  await stop(deps, runId, 'Wrong size.\u001b[2J');
  expect(stepFunctions.commandCalls(StopExecutionCommand)[0]?.args[0].input).toEqual({
    executionArn,
    error: 'RunStoppedError',
    cause: `Wrong size.\ufffd[2J, by ${userInfo().username}`,
  });
  stepFunctions.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED' });
  await expect(stop(deps, runId, 'late')).rejects.toThrow(`The run ${runId} has ended already.`);
});
