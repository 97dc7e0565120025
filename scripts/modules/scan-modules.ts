import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const report = z.looseObject({
  results: z.looseObject({
    failed_checks: z.array(
      z.looseObject({
        check_id: z.string(),
        check_name: z.string(),
        file_path: z.string(),
        resource: z.string(),
      }),
    ),
    parsing_errors: z.array(z.string()).default([]),
  }),
  summary: z.looseObject({ passed: z.int(), parsing_errors: z.int() }),
});

/** The module whose file it is: the first part of the path below the modules' folder. */
const moduleOf = (path: string): string => path.split('/').find((part) => part !== '') ?? '';

/** What Checkov finds wrong, by module; one call for all, since most of its time is its start. */
export const scanModules = async (
  modules: string,
  devBinDir: string,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const said = await new Promise<string>((resolve, reject) => {
    const args = [
      '--directory',
      modules,
      '--framework',
      'terraform',
      '--skip-download',
      '--quiet',
      '--output',
      'json',
    ];
    const options = { env: { PATH: process.env.PATH, HOME: process.env.HOME }, maxBuffer: 64 * 1024 * 1024 };
    // Its exit code only repeats that something was found.
    execFile(join(devBinDir, 'checkov'), args, options, (error, stdout, stderr) =>
      stdout.startsWith('{')
        ? resolve(stdout)
        : reject(new Error(`Checkov gave no report. ${stderr || error?.message}`)),
    );
  });
  const { results, summary } = report.parse(JSON.parse(said));
  if (summary.parsing_errors > 0 || summary.passed === 0)
    throw new Error(`Checkov could not read every file. ${results.parsing_errors.join(', ')}`);
  const findings = new Map<string, string[]>();
  for (const { check_id: id, check_name: title, file_path: path, resource } of results.failed_checks) {
    const name = moduleOf(path);
    findings.set(name, [...(findings.get(name) ?? []), `${id} ${title}: ${resource} in ${path}`]);
  }
  return findings;
};
