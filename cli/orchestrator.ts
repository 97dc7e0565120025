#!/usr/bin/env -S npx tsx
import { plainText } from '../lambdas/shared/plain-text';
import { exitCode, exitCodeOf, exitCodeOfRun } from './exit-code';
import type { RunningReport } from './orchestrator-commands';
import { orchestratorHelp } from './orchestrator-help';
import { type OrchestratorCall, parseOrchestratorCall } from './orchestrator-options';
import type { RunReport } from './run-report';
import type { Stage } from './run-stages';
import { exampleInput } from './workflow-definitions';

// The SDK announces the end of old Node versions at every call; the package's engines decide that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

type Remote = Exclude<OrchestratorCall, { command: 'help' | 'example' }>;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const lineOf = (stage: Stage): string => `  ${stage.name}: ${stage.status}, ${stage.seconds} s`;

const deadLettersDone = {
  list: { field: 'letters', words: 'could not be delivered' },
  show: { field: 'letters', words: 'could not be delivered' },
  replay: { field: 'replayed', words: 'on their way again' },
  discard: { field: 'discarded', words: 'taken out' },
} as const;

const printReport = (report: RunReport | RunningReport): void => {
  print(`${report.workflow} ${report.runId}: ${report.outcome ?? 'running'}`);
  for (const stage of report.stages) print(lineOf(stage));
  if (report.outcome !== null && report.error) print(`  ${report.error.message} (${report.error.code})`);
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
  if (call.command === 'doctor') {
    const [{ LambdaClient }, doctor] = await Promise.all([
      import('@aws-sdk/client-lambda'),
      import('./ask-lock-doctor.js'),
    ]);
    const diagnosis = await doctor.askLockDoctor({ ...deps, lambda: new LambdaClient() }, call);
    print(call.json ? JSON.stringify(diagnosis) : doctor.diagnosisText(diagnosis));
    return doctor.exitCodeOfDiagnosis(diagnosis);
  }
  if (call.command === 'queue') {
    const [{ LambdaClient }, queue] = await Promise.all([
      import('@aws-sdk/client-lambda'),
      import('./ask-queue.js'),
    ]);
    const found = await queue.askQueue({ ...deps, lambda: new LambdaClient() }, call.queueOf);
    print(call.json ? JSON.stringify(found) : queue.queueText(found));
    return exitCode.clean;
  }
  if (call.command === 'delegate' || call.command === 'undelegate') {
    const [{ LambdaClient }, delegating] = await Promise.all([
      import('@aws-sdk/client-lambda'),
      import('./set-delegation.js'),
    ]);
    const done = await delegating.setDelegation({ ...deps, lambda: new LambdaClient() }, call);
    print(call.json ? JSON.stringify(done) : delegating.delegationText(done));
    return exitCode.clean;
  }
  if (call.command === 'persons') {
    const [{ LambdaClient }, persons] = await Promise.all([
      import('@aws-sdk/client-lambda'),
      import('./persons.js'),
    ]);
    const asking = { ...deps, lambda: new LambdaClient() };
    if (call.action === 'export')
      print(JSON.stringify(await persons.exportPerson(asking, call.person), null, call.json ? 0 : 2));
    else {
      const erased = await persons.erasePerson(asking, call);
      print(call.json ? JSON.stringify({ erased: call.person }) : `Erased. ${persons.heldText(erased)}`);
    }
    return exitCode.clean;
  }
  if (call.command === 'credentials' && call.action === 'list') {
    const [{ DynamoDBClient }, { DynamoDBDocumentClient }, credentials] = await Promise.all([
      import('@aws-sdk/client-dynamodb'),
      import('@aws-sdk/lib-dynamodb'),
      import('./credentials.js'),
    ]);
    const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient());
    const found = await credentials.listCredentials({ ...deps, dynamoDb }, new Date());
    print(call.json ? JSON.stringify({ credentials: found }) : credentials.credentialsText(found));
    return credentials.exitCodeOfCredentials(found);
  }
  if (call.command === 'releases') {
    const [{ S3Client }, releases, { typedPath }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('./releases.js'),
      import('./typed-path.js'),
    ]);
    const s3 = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
    const stored = await releases.putRelease({ ...deps, s3 }, typedPath(call.file));
    print(call.json ? JSON.stringify(stored) : stored.sha256);
    return exitCode.clean;
  }
  if (call.command === 'explain') {
    const [{ LambdaClient }, explaining] = await Promise.all([
      import('@aws-sdk/client-lambda'),
      import('./explain-approval.js'),
    ]);
    const { run: runId, person, groups } = call;
    const said = await explaining.explainApproval(
      { ...deps, lambda: new LambdaClient() },
      { runId, person, ...(groups && { groups: [...groups] }) },
    );
    print(call.json ? JSON.stringify(said) : explaining.explanationText(said));
    return exitCode.clean;
  }
  if (call.command === 'dead-letters') {
    const [{ SQSClient }, { LambdaClient }, { letterLine }, letters] = await Promise.all([
      import('@aws-sdk/client-sqs'),
      import('@aws-sdk/client-lambda'),
      import('./dead-letter.js'),
      import('./dead-letters.js'),
    ]);
    const all = { ...deps, sqs: new SQSClient(), lambda: new LambdaClient() };
    const { action } = call;
    const done =
      action === 'replay'
        ? await letters.replayDeadLetters(all, call)
        : action === 'discard'
          ? await letters.discardDeadLetter(all, call)
          : await letters.findDeadLetters(all, call);
    if (call.json) print(JSON.stringify({ [deadLettersDone[action].field]: done }));
    else if (action === 'show') print(JSON.stringify(done, null, 2));
    else {
      print(`${done.length} ${deadLettersDone[action].words}`);
      for (const letter of done) print(letterLine(letter));
    }
    return exitCode.clean;
  }
  if ('scope' in call) {
    const done = await commands.setFreeze(deps, call);
    if (call.json) print(JSON.stringify(done));
    else if (done.error) printReport(done);
    else print(`${call.scope} is ${call.command === 'freeze' ? 'frozen' : 'not frozen any more'}.`);
    return exitCodeOfRun(done);
  }
  let report: RunReport | RunningReport;
  if (call.command === 'status') report = await commands.status(deps, call.run);
  else {
    const run =
      call.command === 'resume'
        ? await commands.resume(deps, call.run)
        : call.command === 'extend'
          ? await (await import('./extend.js')).extend(deps, call)
          : call.command === 'credentials'
            ? await (await import('./credentials.js')).rotateCredential(deps, call)
            : { ...(await commands.start(deps, call)), workflow: call.workflow };
    if (!call.wait) {
      print(call.json ? JSON.stringify(run) : `${run.workflow} ${run.runId}: started`);
      return exitCode.clean;
    }
    tell(`${run.workflow} ${run.runId}: started`);
    report = await commands.follow(deps, run, tellEnded(), interruption());
  }
  if (call.json) print(JSON.stringify(report));
  else printReport(report);
  return exitCodeOfRun(report);
};

/** Tells each stage once, when it has ended. */
const tellEnded = (): ((stages: readonly Stage[]) => void) => {
  let told = 0;
  return (stages) => {
    const ended = stages.filter(({ status }) => status !== 'running');
    for (const stage of ended.slice(told)) tell(lineOf(stage));
    told = ended.length;
  };
};

/** Ctrl-C ends the following; the run goes on. */
const interruption = (): AbortSignal => {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
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
    if (process.argv.includes('--json')) print(JSON.stringify({ error: { code: name, message } }));
    tell(`${plainText(message, 2048)} (${plainText(name, 80)})`);
    return exitCodeOf(error);
  }
};

void main().then((code) => {
  process.exitCode = code;
});
