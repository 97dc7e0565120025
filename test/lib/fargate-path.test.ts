import { join } from 'node:path';
import { runCommandLine } from '../../lambdas/runners/command-line';
import {
  fargateTask,
  type RunnerInput,
  type RunnerOutput,
  runnerReport,
} from '../../lambdas/runners/contract';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { AslDefinition } from '../../lib/constructs/asl-definition';
import { evaluate } from '../support/step-functions-jsonata';

interface Rule {
  readonly Condition: string;
  readonly Assign?: Record<string, string>;
  readonly Output?: string;
  readonly Next: string;
}
interface State {
  readonly Arguments: Record<string, unknown>;
  readonly Assign: Record<string, string>;
  readonly Choices: readonly Rule[];
  readonly Default: string;
  readonly Error: string;
  readonly Cause: string;
}

const run = {
  runId: '01JD3Q0000000000000000RUN1',
  workspace: 'demo/web-01',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};
const change = {
  id: '01JD3Q0000000000000000RUN1-1a2b3c4d',
  digest: 'a'.repeat(64),
  ref: { bucket: 'artifacts', key: 'runs/x/change.json', versionId: '1', sha256: 'a'.repeat(64) },
};
const notDeployed = { AnsibleTaskDefinitionArn: 'not-deployed' };

/** A workflow whose tokens are replaced, with an evaluator of its expressions. */
const workflow = (name: string, bound: Record<string, string> = {}) => {
  const definition = AslDefinition.fromFile(join(__dirname, `../../workflows/${name}.asl.json`));
  const values = Object.fromEntries(
    [...definition.tokens].map((token) => [token, bound[token] ?? token.toLowerCase()]),
  );
  const { States: states } = JSON.parse(definition.substitute(values)) as { States: Record<string, State> };
  const variables: Record<string, unknown> = {};
  const resolve = (given: unknown, more: object = {}): Promise<unknown> =>
    typeof given === 'string' && given.startsWith('{%')
      ? evaluate(given, {
          context: { Execution: { Name: `${run.runId}-plan-1`, Id: 'arn:execution' } },
          ...more,
          variables,
        })
      : Promise.resolve(given);
  const state = (at: string): State => {
    const found = states[at];
    if (!found) throw new Error(`${name} has no state "${at}"`);
    return found;
  };
  return {
    state,
    resolve,
    assign: async (from: Record<string, string> = {}, more: object = {}) => {
      for (const [variable, value] of Object.entries(from)) variables[variable] = await resolve(value, more);
    },
    /** Which state a choice goes to. */
    choose: async (at: string, more: object = {}): Promise<string> => {
      for (const { Condition, Next } of state(at).Choices) if (await resolve(Condition, more)) return Next;
      return state(at).Default;
    },
  };
};

/** Carries one task through the block, by the real command line; `work` is what the runner does with it. */
const throughTheBlock = async (
  input: { identity: string; task: object },
  work: (task: RunnerInput) => Promise<RunnerOutput>,
) => {
  const block = workflow('fargate-task');
  expect(await block.choose('Is there such a task?', { input })).toBe('Store task');
  await block.assign(block.state('Is there such a task?').Assign, { input });

  const { Key, Body } = block.state('Store task').Arguments;
  const stored = { key: await block.resolve(Key), body: await block.resolve(Body) };
  const { TaskDefinition, Overrides } = block.state('Run on Fargate').Arguments as {
    TaskDefinition: string;
    Overrides: { ContainerOverrides: { Command: string[] }[] };
  };
  const words = Overrides.ContainerOverrides[0]?.Command ?? [];
  const args = (await Promise.all(words.map((word) => block.resolve(word)))) as string[];
  expect(JSON.stringify(args).length).toBeLessThan(1000);

  const written = new Map<string, string>();
  const code = await runCommandLine(args, {
    s3: {
      send: async ({ input: asked }: { input: { Bucket: string; Key: string } }) => {
        expect(asked).toEqual({ Bucket: 'artifactsbucketname', Key: stored.key });
        return { Body: { transformToString: async () => JSON.stringify(stored.body) } };
      },
    } as unknown as Parameters<typeof runCommandLine>[1]['s3'],
    artifacts: {
      put: async (key, body) => {
        written.set(key, String(body));
        return { bucket: 'b', key, versionId: '1', sha256: 'a'.repeat(64) };
      },
    },
    runTask: work,
    stop: new AbortController().signal,
  });
  expect(code).toBe(0);

  const reading = block.state('Read result');
  const Report = written.get(String(await block.resolve(reading.Arguments.Key)));
  await block.assign(reading.Assign, { result: { Body: Report } });
  const [worked] = block.state('Did it work?').Choices;
  const end = await block.choose('Did it work?');
  const failed = block.state('Task reported an error');
  return {
    definition: await block.resolve(TaskDefinition),
    stored,
    report: runnerReport.parse(JSON.parse(Report ?? 'null')),
    end,
    output: end === 'Task done' ? await block.resolve(worked?.Output) : undefined,
    error:
      end === 'Task done'
        ? undefined
        : [await block.resolve(failed.Error), await block.resolve(failed.Cause)],
  };
};

const tasks: readonly { block: string; identity: string; where: string; input: object; task: object }[] = [
  {
    block: 'terraform-plan',
    identity: 'plan',
    where: 'Plan on Fargate',
    input: { run, module: 'local-host', variables: { name: 'web-01' } },
    task: { task: 'terraform-plan', run, module: 'local-host', variables: { name: 'web-01' } },
  },
  {
    block: 'terraform-apply',
    identity: 'apply',
    where: 'Apply on Fargate',
    input: { run, change },
    task: { task: 'terraform-apply', run, change },
  },
  {
    block: 'ansible-run',
    identity: 'ansible',
    where: 'Run on Fargate',
    input: { run, mode: 'check', role: 'web-service', hosts: [] },
    task: {
      task: 'ansible-run',
      run,
      mode: 'check',
      role: 'web-service',
      variables: {},
      hosts: [],
      change: null,
    },
  },
  {
    block: 'compliance-scan',
    identity: 'ansible',
    where: 'Run on Fargate',
    input: { run, hosts: [] },
    task: { task: 'compliance-scan', run, hosts: [] },
  },
];

test.each(tasks)('$block goes to Fargate when it is told to, and its task arrives', async (one) => {
  const input = { ...one.input, runsOn: 'fargate' };
  const block = workflow(one.block);
  const start = block.state(one.block === 'ansible-run' ? 'Is it a check?' : 'Where does it run?');
  const assigned = one.block === 'terraform-apply' ? block.state('Authorize change').Assign : start.Assign;
  await block.assign(assigned, { input });
  expect(await block.choose('Where does it run?', { input })).toBe(one.where);
  const name = await block.resolve(block.state(one.where).Arguments.Name);
  expect(name).toBe(`${run.runId}-plan-1-f`);
  const { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: parent, ...rest } = (await block.resolve(
    block.state(one.where).Arguments.Input,
  )) as Record<string, unknown>;
  expect(parent).toBe('arn:execution');
  const handed = fargateTask.parse(rest);
  expect(handed).toMatchObject({ identity: one.identity, task: one.task });

  const seen: RunnerInput[] = [];
  const carried = await throughTheBlock(handed, async (task) => {
    seen.push(task);
    throw new InvalidInputError('No host answers.');
  });
  expect(carried.definition).toBe(`${one.identity}taskdefinitionarn`);
  expect(seen).toEqual([expect.objectContaining(one.task)]);
  expect(carried.error).toEqual(['InvalidInputError', 'No host answers.']);
});

test.each(tasks)('$block stays in Lambda when it is told to', async ({ block: name, input }) => {
  const block = workflow(name);
  const given = { ...input, runsOn: 'lambda' };
  const from = { 'terraform-apply': 'Authorize change', 'ansible-run': 'Is it a check?' }[name];
  await block.assign(block.state(from ?? 'Where does it run?').Assign, { input: given });
  expect(await block.choose('Where does it run?', { input: given })).toMatch(
    /^(Run in Lambda|(Plan|Apply) (change|plan))$/,
  );
});

test('the result of the task is the output of the block', async () => {
  const result: RunnerOutput = { counts: { create: 1, update: 0, replace: 0, delete: 0 }, hosts: [] };
  const carried = await throughTheBlock(
    { identity: 'apply', task: { task: 'terraform-apply', run, change } },
    async () => result,
  );
  expect(carried).toMatchObject({ end: 'Task done', output: result });
});

test.each([
  ['an identity that nobody has', 'root', {}, 'Identity unknown'],
  ['what this environment has not', 'ansible', notDeployed, 'Fargate not deployed'],
])('the block refuses %s before anything is stored', async (_what, identity, bound, state) => {
  const block = workflow('fargate-task', bound);
  const task = { task: 'compliance-scan', run, hosts: [] };
  const input = { identity, task };
  expect(await block.choose('Is there such a task?', { input })).toBe(state);
  expect(block.state(state).Error).toBe('InvalidInputError');
});
