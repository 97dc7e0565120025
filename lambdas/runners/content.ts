import { type Dirent, promises as fs } from 'node:fs';
import { join, sep } from 'node:path';
import { digestOf, sha256Hex } from '../shared/digest';
import { InvalidInputError } from '../shared/errors';
import { segmentPattern } from '../shared/names';

/** A module, a role, a script or a set of policies, read whole: what is checked, hashed and run are the same bytes. */
export interface Content {
  readonly name: string;
  readonly files: ReadonlyMap<string, Buffer>;
  /** SHA-256 over the sorted paths and the SHA-256 of each file. */
  readonly digest: string;
}

export type ContentKind = 'module' | 'role' | 'script' | 'policy';
const folders: Record<ContentKind, readonly string[]> = {
  module: ['terraform', 'modules'],
  role: ['ansible', 'roles'],
  script: ['script-steps'],
  policy: ['policies'],
};
/** Documentation and tests: never run, so not part of what is approved. */
const leftOut: Record<ContentKind, readonly string[]> = {
  module: ['examples', 'tests', '.terraform', 'README.md'],
  role: ['molecule', 'tests', 'README.md'],
  script: ['tests', 'README.md'],
  policy: ['README.md', 'environments'],
};

const ruleTest = /_test\.rego$/;

/** Whether a file is documentation or a test by its path: it is not part of the content. */
export const isLeftOut = (kind: ContentKind, path: string): boolean =>
  leftOut[kind].includes(path.split('/')[0] ?? '') || (kind === 'policy' && ruleTest.test(path));

const refuse = (kind: ContentKind, name: string, why: string): InvalidInputError =>
  new InvalidInputError(`The ${kind} ${name} cannot be used: ${why}.`);

/** Files as content, with their digest. */
export const contentOf = (name: string, files: ReadonlyMap<string, Buffer>): Content => ({
  name,
  files,
  digest: digestOf([...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([p, b]) => [p, sha256Hex(b)])),
});

/**
 * Reads a module, a role, a script or a set of policies of the catalogue.
 *
 * @throws InvalidInputError when it is unknown, lies outside the catalogue or holds links or special files.
 */
export const readContent = async (root: string, kind: ContentKind, name: string): Promise<Content> => {
  if (!segmentPattern.test(name)) throw new InvalidInputError(`That is no name of a ${kind}.`);
  const base = join(root, ...folders[kind]);
  const realBase = await fs.realpath(base).catch(() => base);
  const folder = await fs.realpath(join(base, name)).catch(() => undefined);
  if (folder === undefined)
    throw new InvalidInputError(`There is no ${kind} ${name} in the catalogue. Check its spelling.`);
  if (!folder.startsWith(realBase + sep)) throw refuse(kind, name, 'it leads out of the catalogue');

  const files = new Map<string, Buffer>();
  const walk = async (below: string): Promise<void> => {
    const entries: Dirent[] = await fs.readdir(join(folder, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isLeftOut(kind, path)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) files.set(path, await fs.readFile(join(folder, path)));
      else throw refuse(kind, name, `${path} is a link or a special file`);
    }
  };
  await walk('');
  return contentOf(name, files);
};

/** Writes the content into a folder that does not exist yet. */
export const writeContent = async (content: Content, folder: string): Promise<void> => {
  for (const [path, bytes] of content.files) {
    const target = join(folder, path);
    await fs.mkdir(join(target, '..'), { recursive: true, mode: 0o700 });
    await fs.writeFile(target, bytes, { mode: 0o600 });
  }
};
