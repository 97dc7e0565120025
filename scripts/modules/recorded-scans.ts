import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModuleScans, moduleScans } from '../../lambdas/compliance-rules/module-scan';
import type { Scan } from './scan-modules';

/** Where the record stands, from the root. */
export const recordedScansPath = 'lambdas/compliance-rules/module-scans.generated.json';

/** The version of Checkov that the toolchain pins. */
const pinnedScanner = (root: string): string => {
  const pins = readFileSync(join(root, 'local/toolchain/requirements-dev.txt'), 'utf8');
  const version = /^checkov==([\w.]+)/m.exec(pins)?.[1];
  if (version === undefined) throw new Error('requirements-dev.txt pins no Checkov.');
  return version;
};

/** What Checkov says of each module in its present content. It is asked only when content or Checkov are others. */
export const recordedScans = async (
  root: string,
  digests: Readonly<Record<string, string>>,
  scan: () => Promise<Scan>,
): Promise<ModuleScans> => {
  const path = join(root, recordedScansPath);
  const known = existsSync(path) ? moduleScans.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
  const names = Object.keys(digests).sort();
  const isFresh =
    known?.scanner === pinnedScanner(root) &&
    Object.keys(known.modules).length === names.length &&
    names.every((name) => known.modules[name]?.digest === digests[name]);
  if (known && isFresh) return known;
  const { scanner, checks } = await scan();
  return moduleScans.parse({
    version: 1,
    scanner,
    modules: Object.fromEntries(
      names.map((name) => [name, { digest: digests[name], checks: checks.get(name) ?? [] }]),
    ),
  });
};
