import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that decides what the app synthesizes to. */
const inputs = [
  'ansible',
  'bin',
  'cdk.json',
  'lambdas',
  'lib',
  'package-lock.json',
  'terraform',
  'workflows',
];
const ignored = new Set(['.ansible', '.terraform', '__pycache__', 'node_modules']);

/**
 * SHA-256 over the app's sources and its local settings: equal digests deploy to equal stacks.
 *
 * @param settings what the app gets on its command line
 */
export const synthDigest = async (repository: string, settings: string): Promise<string> => {
  const hash = createHash('sha256').update(`${settings}\n`);
  for (const file of (await Promise.all(inputs.map((input) => filesUnder(repository, input))))
    .flat()
    .sort()) {
    const content = createHash('sha256').update(await readFile(join(repository, file)));
    hash.update(`${content.digest('hex')} ${file}\n`);
  }
  return hash.digest('hex');
};

const filesUnder = async (root: string, path: string): Promise<string[]> => {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (!entries) return [path];
  const nested = entries
    .filter((entry) => !ignored.has(entry.name))
    .map((entry) => {
      const child = `${path}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(root, child) : entry.isFile() ? [child] : [];
    });
  return (await Promise.all(nested)).flat();
};
