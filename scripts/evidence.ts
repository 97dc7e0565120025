/** Runs every workflow again and again, with and without trouble, and writes down what came of it: `npm run evidence`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchInterruption } from '../local/interruption';
import { createProgress } from '../local/progress';
import { type BenchPlatform, withPlatform } from './bench/bench-platform';
import { machineFacts } from './bench/machine-facts';
import { type Attempt, attempt, plan } from './evidence/attempts';
import { withAwsTarget } from './evidence/aws-target';
import { type Interference, makeInterference } from './evidence/interference';
import { makeLab } from './evidence/lab';
import { localTarget } from './evidence/local-target';
import { type Evidence, indexOf, isAccepted, pageOf } from './evidence/report';
import { scenarios } from './evidence/scenarios';
import type { EvidenceTarget } from './evidence/target';
import { attemptUnauthorised, outsiders, unauthorised } from './evidence/unauthorised';
import type { WorkflowEvidence } from './evidence/workflow-evidence';
import { workflows } from './evidence/workflows';
import { withFaults } from './faults/fault-platform';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const usage = `Usage: npm run evidence [-- OPTIONS]

  --workflow NAME   one of: ${workflows.map(({ workflow }) => workflow).join(', ')} (default: all)
  --scenario NAME   one of: ${[...scenarios, unauthorised].map(({ name }) => name).join(', ')} (default: all)
  --runs N          happy runs of each workflow (default 5)
  --times N         attempts of each other scenario (default 3)
  --target local    a platform of its own on this machine (default), or
  --target aws      what is deployed in an account; looks first, and begins with --yes:
    --env NAME        the environment (default poc)
    --machine FILE    input of a vm-provisioning run that makes one machine there
  --write           write the pages of these workflows, docs/test-results/NAME.md, and docs/test-results.md
  --json            one JSON object on stdout, progress on stderr
`;

const parse = (argv: readonly string[]) => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      workflow: { type: 'string' },
      scenario: { type: 'string' },
      runs: { type: 'string', default: '5' },
      times: { type: 'string', default: '3' },
      target: { type: 'string', default: 'local' },
      env: { type: 'string', default: 'poc' },
      machine: { type: 'string' },
      yes: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'runs' | 'times'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 0 || value > 100)
      throw new Error(`--${name} is a whole number from 0 to 100, and not "${values[name]}".\n\n${usage}`);
    return value;
  };
  const chosen = workflows.filter(({ workflow }) => (values.workflow ?? workflow) === workflow);
  if (chosen.length === 0) throw new Error(`There is no evidence of "${values.workflow}".\n\n${usage}`);
  if (![undefined, unauthorised.name, ...scenarios.map(({ name }) => name)].includes(values.scenario))
    throw new Error(`There is no scenario "${values.scenario}".\n\n${usage}`);
  if (values.target !== 'local' && values.target !== 'aws')
    throw new Error(`The target is local or aws, and not "${values.target}".\n\n${usage}`);
  return {
    ...values,
    machine: values.machine,
    target: values.target,
    happy: number('runs'),
    times: number('times'),
    chosen,
  };
};
type Options = ReturnType<typeof parse>;

/** All attempts on one target. */
const gather = async (
  target: EvidenceTarget,
  options: Options,
  local: { readonly bench: BenchPlatform; readonly interference: Interference } | undefined,
  progress: ReturnType<typeof createProgress>,
): Promise<readonly Attempt[]> => {
  const lab = makeLab(target);
  const planned = plan(lab, options.chosen, {
    only: options.scenario,
    happy: options.happy,
    times: options.times,
  });
  const triesStarts = local && [undefined, unauthorised.name].includes(options.scenario);
  const count = planned.length + (triesStarts ? options.chosen.length * outsiders.length : 0);
  const attempts: Attempt[] = [];
  await progress.step('Gathering evidence', async (note) => {
    const onAttempt = (one: Attempt): void => {
      attempts.push(one);
      const text = `${one.workflow}, ${one.scenario} ${one.nth}`;
      const where = `${attempts.length} of ${count}: ${text}`;
      note(where);
      if (one.error !== null) progress.line(`not as expected: ${text}: ${one.error}`);
      // On a terminal the note says it; a log has a line of each.
      else if (!process.stderr.isTTY) progress.line(`  ${where}: ${one.observed?.saw}`);
    };
    await attempt(lab, planned, {
      onAttempt,
      whileDisturbed: (work) => (local ? withFaults(local.bench, local.interference.judge, work) : work()),
      whileThrottled: (work) => (local ? local.interference.whileThrottled(work) : work()),
    });
    if (local && triesStarts) await attemptUnauthorised(local.bench.toolchain, options.chosen, onAttempt);
  });
  return attempts;
};

const onLocal = async (
  options: Options,
  signal: AbortSignal,
  progress: ReturnType<typeof createProgress>,
) => {
  const stateDir = join(repository, '.local-evidence');
  return withPlatform({ repository, stateDir, progress, signal }, async (bench) => {
    const environment = await machineFacts(repository, bench.toolchain);
    const interference = makeInterference();
    const target = localTarget(bench, interference);
    const attempts = await gather(target, options, { bench, interference }, progress);
    return { environment, target, attempts };
  });
};

/** Puts the pages of some workflows beside those of the others, and writes the index anew. */
const writePages = async (chosen: readonly WorkflowEvidence[], pages: readonly string[]): Promise<void> => {
  const folder = join(repository, 'docs/test-results');
  const fileOf = ({ workflow }: WorkflowEvidence) => join(folder, `${workflow}.md`);
  await mkdir(folder, { recursive: true });
  await Promise.all(chosen.map((of, index) => writeFile(fileOf(of), pages[index] ?? '')));
  const all = await Promise.all(workflows.map((of) => readFile(fileOf(of), 'utf8').catch(() => undefined)));
  const known = all.filter((page) => page !== undefined);
  await writeFile(join(repository, 'docs/test-results.md'), indexOf(known));
};

const main = async (): Promise<number> => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const options = parse(argv);
  const progress = createProgress();
  const interruption = watchInterruption();
  try {
    const began = performance.now();
    const { environment, target, attempts } =
      options.target === 'local'
        ? await onLocal(options, interruption.signal, progress)
        : await withAwsTarget(
            { ...options, repository, signal: interruption.signal, line: progress.line },
            async (aws) => ({ ...aws, attempts: await gather(aws.target, options, undefined, progress) }),
          );
    const evidence: Evidence = {
      target: target.name,
      environment: { target: target.name, ...environment },
      workflows: options.chosen as readonly WorkflowEvidence[],
      attempts,
      lab: makeLab(target),
      seconds: (performance.now() - began) / 1000,
    };
    const pages = options.chosen.map((of) => pageOf(evidence, of));
    if (options.write) await writePages(options.chosen, pages);
    const good = attempts.filter(({ error }) => error === null).length;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ environment: evidence.environment, accepted: isAccepted(evidence), attempts })}\n`
        : `${pages.join('\n')}\nevidence: ${good} of ${attempts.length} attempts as expected\n`,
    );
    return isAccepted(evidence) ? 0 : 1;
  } finally {
    interruption.dispose();
  }
};

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
