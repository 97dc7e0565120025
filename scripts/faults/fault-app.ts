import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCatalogue } from '../catalogue-sources';

/** What of the repository makes up no app, or is too large to copy. */
const leftOut = new Set(['node_modules', 'docs', 'test', 'cdk.out', 'coverage']);

/**
 * Lays out a copy of the app whose catalogue has a module and a role more: small ones, so that a run costs little.
 * The audit of hosts is replaced by one that only answers.
 */
export const makeFaultApp = async (repository: string, folder: string, tofuBin: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(repository))
    if (!leftOut.has(entry) && !entry.startsWith('.'))
      await cp(join(repository, entry), join(folder, entry), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const audit = join(folder, 'ansible/roles/compliance-audit');
  await rm(audit, { recursive: true });
  await cp(join(repository, 'scripts/faults/content'), folder, { recursive: true });
  await writeFile(
    join(folder, 'lambdas/shared/catalogue.generated.json'),
    JSON.stringify(await readCatalogue(folder, tofuBin)),
  );
};
