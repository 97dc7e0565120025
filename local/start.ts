import { join, resolve } from 'node:path';
import { prepareInput } from '../cli/check-input';
import { exitCode, exitCodeOf } from '../cli/exit-code';
import { readInput } from '../cli/read-input';
import { type RunReport, refusalOf } from '../cli/run-report';
import { typedPath } from '../cli/typed-path';
import { assertKnown, exampleInput } from '../cli/workflow-definitions';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { plainText } from '../lambdas/shared/plain-text';
import { InterruptedError, watchInterruption } from './interruption';
import { createProgress } from './progress';
import { parseStartOptions, type StartOptions, startHelp } from './start-options';

// The SDK announces the end of old Node versions in the middle of the progress; the package's engines decide that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const stateDir = resolve(process.env.ORCHESTRATOR_STATE_DIR ?? join(repository, '.local'));

const print = (text: string): void => void process.stdout.write(`${text}\n`);

let hasReport = false;
/** Prints the one object of `--json`; what goes wrong after it is told on standard error alone. */
const printReport = (report: RunReport): void => {
  if (!hasReport) print(JSON.stringify(report));
  hasReport = true;
};

const inputOf = async ({
  workflow,
  input,
  resume,
}: StartOptions): Promise<Readonly<Record<string, JsonValue>>> => {
  assertKnown(workflow);
  // Its workspace stands in the run's record, which is read when the platform is up.
  if (resume !== null) return { resume };
  if (input === null) return prepareInput(workflow, exampleInput(workflow));
  return prepareInput(workflow, await readInput(typedPath(input)));
};

const perform = async (options: StartOptions): Promise<number> => {
  if (options.action === 'help') {
    process.stdout.write(startHelp);
    return exitCode.clean;
  }
  if (options.action === 'example') {
    print(JSON.stringify(exampleInput(options.workflow), null, options.json ? 0 : 2));
    return exitCode.clean;
  }
  const progress = createProgress();
  const interruption = watchInterruption();
  try {
    // What follows loads clients and the platform: wrong input is told before, and at once.
    if (options.action === 'stop') {
      const { stopPlatform } = await import('./supervisor/client.js');
      const stopped = await progress.step('Shutting the platform down', () => stopPlatform(stateDir));
      progress.line(
        stopped ? `The platform is down. Its state stays in ${stateDir}.` : 'No platform was up.',
      );
      if (options.json) print(JSON.stringify({ stopped }));
      return exitCode.clean;
    }
    const input = await inputOf(options);
    const { runSession } = await import('./session.js');
    const onReport = options.json ? printReport : () => undefined;
    return await runSession({ options, input, repository, stateDir, progress, interruption, onReport });
  } catch (error) {
    // What broke because it was interrupted is an interruption.
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    interruption.dispose();
  }
};

/** The error's own sentences, line by line, without anything that could redraw the terminal. */
const printError = (error: unknown): void => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const lines = message.split(/\r?\n/).map((line) => plainText(line, 1000));
  process.stderr.write(`\n${lines.join('\n')}${name === 'Error' ? '' : ` (${plainText(name, 80)})`}\n`);
};

const main = async (argv: readonly string[]): Promise<number> => {
  let workflow = 'vm-provisioning';
  try {
    const options = parseStartOptions(argv);
    workflow = options.workflow;
    return await perform(options);
  } catch (error) {
    if (argv.includes('--json')) printReport(refusalOf(workflow, error));
    printError(error);
    return error instanceof InterruptedError ? exitCode.interrupted : exitCodeOf(error);
  }
};

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
