import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './statistics';

const run = promisify(execFile);

/** One plan as OpenTofu makes it, written and shown in a process of its own; medians of three. */
export interface PlanPageFigures {
  readonly resources: number;
  /** Of OpenTofu's own JSON, which is read whole. */
  readonly planBytes: number;
  /** Milliseconds from the parsed plan to the last stored page. */
  readonly buildMs: number;
  /** Memory of the process above what it held with the parsed plan, in MiB. */
  readonly aboveMib: number;
  readonly pages: number;
  readonly overviewBytes: number;
  readonly overviewMs: number;
  readonly largestPageBytes: number;
  readonly slowestPageMs: number;
}

const rounds = 3;
const sizes = [10, 5000] as const;

/** Makes a real plan of so many resources and keeps its JSON in the folder. */
const makePlan = async (
  repository: string,
  folder: string,
  tofu: string,
  resources: number,
): Promise<string> => {
  const cwd = join(folder, `module-${resources}`);
  await cp(join(repository, 'test/support/runner-content/terraform/modules/many'), cwd, { recursive: true });
  const options = { cwd, maxBuffer: 256 * 1024 * 1024, env: { PATH: process.env.PATH, HOME: folder } };
  await run(tofu, ['init', '-input=false', '-no-color'], options);
  // One resource stands apart from the hosts.
  await run(tofu, ['plan', '-input=false', '-out=plan.bin', `-var=count_of_hosts=${resources - 1}`], options);
  const { stdout } = await run(tofu, ['show', '-json', 'plan.bin'], options);
  const file = join(folder, `plan-${resources}.json`);
  await writeFile(file, stdout);
  return file;
};

const measureOnce = async (repository: string, file: string): Promise<Omit<PlanPageFigures, 'resources'>> => {
  const args = [
    '--expose-gc',
    '--import',
    'tsx',
    join(repository, 'scripts/bench/plan-page-process.ts'),
    file,
  ];
  const { stdout } = await run(process.execPath, args, { cwd: repository });
  return JSON.parse(stdout);
};

/** Writes and shows plans of 10 and of 5,000 resources. */
export const measurePlanPages = async (
  { repository, tofu }: { repository: string; tofu: string },
  note: (text: string) => void,
): Promise<PlanPageFigures[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-plan-'));
  try {
    const figures: PlanPageFigures[] = [];
    for (const resources of sizes) {
      note(`${resources} resources`);
      const file = await makePlan(repository, folder, tofu, resources);
      const samples: Awaited<ReturnType<typeof measureOnce>>[] = [];
      for (let round = 0; round < rounds; round++) samples.push(await measureOnce(repository, file));
      const middle = (name: keyof (typeof samples)[number]): number =>
        median(samples.map((one) => one[name]));
      figures.push({
        resources,
        planBytes: middle('planBytes'),
        buildMs: middle('buildMs'),
        aboveMib: middle('aboveMib'),
        pages: middle('pages'),
        overviewBytes: middle('overviewBytes'),
        overviewMs: middle('overviewMs'),
        largestPageBytes: middle('largestPageBytes'),
        slowestPageMs: middle('slowestPageMs'),
      });
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
