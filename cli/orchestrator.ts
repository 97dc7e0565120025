#!/usr/bin/env -S npx tsx
import { plainText } from '../lambdas/shared/plain-text';
import { exitCode, exitCodeOf } from './exit-code';
import { type OrchestratorCall, orchestratorHelp, parseOrchestratorCall } from './orchestrator-options';
import { exampleInput } from './workflow-definitions';

type Remote = Exclude<OrchestratorCall, { command: 'help' | 'example' }>;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printStages = (stages: readonly { name: string; status: string; seconds: number }[]): void => {
  for (const stage of stages) print(`  ${stage.name}: ${stage.status}, ${stage.seconds} s`);
};

const runRemote = async (call: Remote): Promise<number> => {
  // The clients load only when they are needed: wrong options and examples answer at once.
  const [{ SFNClient }, { CloudFormationClient }, commands] = await Promise.all([
    import('@aws-sdk/client-sfn'),
    import('@aws-sdk/client-cloudformation'),
    import('./orchestrator-commands.js'),
  ]);
  const deps = {
    stepFunctions: new SFNClient(),
    cloudFormation: new CloudFormationClient(),
    environment: call.environment,
  };
  if (call.command === 'stop') {
    await commands.stop(deps, call.run, call.reason);
    print(call.json ? JSON.stringify({ runId: call.run, stopped: true }) : `Stopping the run ${call.run}.`);
    return exitCode.clean;
  }
  if (call.command === 'status') {
    const report = await commands.status(deps, call.run);
    if (call.json) print(JSON.stringify(report));
    else {
      print(`${report.workflow} ${report.runId}: ${report.outcome ?? 'running'}`);
      printStages(report.stages);
    }
    return report.outcome === 'failed' ? exitCode.failed : exitCode.clean;
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  let told = 0;
  const { runId, executionArn, report } = await commands.start(deps, {
    ...call,
    signal: interrupted.signal,
    ...(call.wait
      ? {
          follow: (stages) => {
            const ended = stages.filter((stage) => stage.status !== 'running');
            if (!call.json) printStages(ended.slice(told));
            told = ended.length;
          },
        }
      : {}),
  });
  if (call.json) print(JSON.stringify(report ?? { runId, workflow: call.workflow, executionArn }));
  else print(`${call.workflow} ${runId}: ${report?.outcome ?? 'started'}`);
  if (!call.json && report?.error) print(`  ${report.error.message} (${report.error.code})`);
  return report?.outcome === 'failed' ? exitCode.failed : exitCode.clean;
};

const main = async (): Promise<number> => {
  try {
    const call = parseOrchestratorCall(process.argv.slice(2), process.env);
    if (call.command === 'help') process.stdout.write(orchestratorHelp);
    else if (call.command === 'example') print(JSON.stringify(exampleInput(call.workflow), null, 2));
    else return await runRemote(call);
    return exitCode.clean;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (name === 'AbortError') return exitCode.interrupted;
    process.stderr.write(`${plainText(message, 2048)} (${plainText(name, 80)})\n`);
    return exitCodeOf(error);
  }
};

void main().then((code) => {
  process.exitCode = code;
});
