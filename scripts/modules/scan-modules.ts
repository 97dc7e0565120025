import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import type { ScannedCheck } from '../../lambdas/compliance-rules/module-scan';

const checked = z.looseObject({
  check_id: z.string(),
  check_name: z.string(),
  guideline: z.string().nullish(),
  file_path: z.string(),
  resource: z.string(),
  check_result: z.looseObject({ suppress_comment: z.string().nullish() }),
});
const scanned = z.looseObject({
  results: z.looseObject({
    passed_checks: z.array(checked),
    failed_checks: z.array(checked),
    skipped_checks: z.array(checked),
    parsing_errors: z.array(z.string()).default([]),
  }),
  summary: z.looseObject({ passed: z.int(), parsing_errors: z.int(), checkov_version: z.string() }),
});

/** What Checkov said of modules, by their names. One without a check for its resources is not in it. */
export interface Scan {
  readonly scanner: string;
  readonly checks: ReadonlyMap<string, readonly ScannedCheck[]>;
}

/** The module whose file it is: the first part of the path below the modules' folder. */
const moduleOf = (path: string): string => path.split('/').find((part) => part !== '') ?? '';

const read = (said: string): Scan => {
  const { results, summary } = scanned.parse(JSON.parse(said));
  if (summary.parsing_errors > 0 || summary.passed === 0)
    throw new Error(`Checkov could not read every file. ${results.parsing_errors.join(', ')}`);
  const found = new Map<string, Map<string, ScannedCheck>>();
  const note = (
    one: z.infer<typeof checked>,
    change: (known: ScannedCheck) => Partial<ScannedCheck>,
  ): void => {
    const module = moduleOf(one.file_path);
    const checks = found.get(module) ?? new Map<string, ScannedCheck>();
    const known = checks.get(one.check_id) ?? {
      id: one.check_id,
      title: one.check_name,
      guideline: one.guideline ?? null,
      passed: 0,
      failed: [],
      accepted: [],
    };
    found.set(module, checks.set(one.check_id, { ...known, ...change(known) }));
  };
  for (const one of results.passed_checks) note(one, ({ passed }) => ({ passed: passed + 1 }));
  for (const one of results.failed_checks) note(one, ({ failed }) => ({ failed: [...failed, one.resource] }));
  for (const one of results.skipped_checks) {
    const reason = one.check_result.suppress_comment ?? 'no reason is given';
    note(one, ({ accepted }) => ({ accepted: [...accepted, { resource: one.resource, reason }] }));
  }
  return {
    scanner: summary.checkov_version,
    checks: new Map(
      [...found].map(([module, checks]) => [
        module,
        [...checks.values()].sort((one, other) => (one.id < other.id ? -1 : 1)),
      ]),
    ),
  };
};

/** What Checkov finds in modules; one call for all, since most of its time is its start. */
export const scanModules = async (modules: string, devBinDir: string): Promise<Scan> =>
  read(
    await new Promise<string>((resolve, reject) => {
      const args = [
        '--directory',
        modules,
        '--framework',
        'terraform',
        '--skip-download',
        '--output',
        'json',
      ];
      const options = {
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
        maxBuffer: 64 * 1024 * 1024,
      };
      // Its exit code only repeats that something was found.
      execFile(join(devBinDir, 'checkov'), args, options, (error, stdout, stderr) =>
        stdout.startsWith('{')
          ? resolve(stdout)
          : reject(new Error(`Checkov gave no report. ${stderr || error?.message}`)),
      );
    }),
  );

/** What it finds wrong with a module, line by line. */
export const problemsIn = ({ checks }: Scan, module: string): string[] =>
  (checks.get(module) ?? []).flatMap(({ id, title, failed }) =>
    failed.map((resource) => `${id} ${title}: ${resource}`),
  );
