import { join } from 'node:path';
import { runCommandLine } from '../../lambdas/runners/command-line';
import { runnerReport } from '../../lambdas/runners/contract';
import { AslDefinition } from '../../lib/constructs/asl-definition';
import { evaluate } from '../support/step-functions-jsonata';

interface States {
  readonly [name: string]: {
    readonly Arguments: Record<string, string> & {
      Overrides: { ContainerOverrides: { Command: string[] }[] };
    };
    readonly Assign: Record<string, string>;
    readonly Error: string;
    readonly Cause: string;
  };
}

const run = {
  runId: '01JD3Q0000000000000000RUN1',
  workspace: 'demo/web-01',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};
const task = { task: 'compliance-scan', run, hosts: [] };
const blocks = {
  'ansible-run': 'Playbook reported an error',
  'compliance-scan': 'Scan reported an error',
} as const;

/** The states of a block with its tokens replaced, and an evaluator of their expressions. */
const blockOf = (name: string) => {
  const definition = AslDefinition.fromFile(join(__dirname, `../../workflows/${name}.asl.json`));
  const values = Object.fromEntries([...definition.tokens].map((token) => [token, token.toLowerCase()]));
  const { States: states } = JSON.parse(definition.substitute(values)) as { States: States };
  const stateOf = (state: string) => {
    const found = states[state];
    if (!found) throw new Error(`${name} has no state "${state}"`);
    return found;
  };
  const resolve = (text: string, result: object = {}) =>
    text.startsWith('{%')
      ? evaluate(text, { result, variables: { task, resultName: 'result-1', ...result } })
      : Promise.resolve(text);
  return { stateOf, resolve };
};

test.each(Object.keys(blocks))(
  '%s: the program finds the task that the workflow stored, and the workflow the report',
  async (name) => {
    const { stateOf, resolve } = blockOf(name);
    const stored = stateOf('Store task').Arguments;
    const storedKey = await resolve(String(stored.Key));
    const storedBody = await resolve(String(stored.Body));
    expect(storedBody).toEqual(task);
    const given = stateOf('Run on Fargate').Arguments.Overrides.ContainerOverrides[0]?.Command ?? [];
    const args = (await Promise.all(given.map((word) => resolve(word)))) as string[];
    expect(JSON.stringify(args).length).toBeLessThan(1000);

    const written = new Map<string, string>();
    const code = await runCommandLine(args, {
      s3: {
        send: async ({ input }: { input: { Bucket: string; Key: string } }) => {
          expect(input).toEqual({ Bucket: 'artifactsbucketname', Key: storedKey });
          return { Body: { transformToString: async () => JSON.stringify(storedBody) } };
        },
      } as unknown as Parameters<typeof runCommandLine>[1]['s3'],
      artifacts: {
        put: async (key, body) => {
          written.set(key, String(body));
          return { bucket: 'b', key, versionId: '1', sha256: 'a'.repeat(64) };
        },
      },
      runTask: async () => {
        const error = new Error('No host answers.');
        error.name = 'HostError';
        throw error;
      },
      stop: new AbortController().signal,
    });
    expect(code).toBe(0);

    const reading = stateOf('Read result');
    const Body = written.get(String(await resolve(String(reading.Arguments.Key))));
    const report = await resolve(String(reading.Assign.report), { Body });
    expect(runnerReport.parse(report)).toEqual({
      ok: false,
      error: { name: 'HostError', message: 'No host answers.' },
    });
    const failed = stateOf(blocks[name as keyof typeof blocks]);
    const report1 = { report } as object;
    expect(await resolve(failed.Error, report1)).toBe('HostError');
    expect(await resolve(failed.Cause, report1)).toBe('No host answers.');
  },
);
