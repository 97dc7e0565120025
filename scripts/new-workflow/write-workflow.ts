import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asl } from '../../lib/asl/asl';
import { withPictures } from '../workflow-docs/picture';
import { definition, manual, test } from './templates';

const allowed = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 40;

/**
 * Writes a workflow to start from, below `root`: its definition, its manual and its test. Returns their paths.
 *
 * @throws Error for a name that is none, and where one of the files exists: nothing is overwritten.
 */
export const writeWorkflow = (root: string, name: string): readonly string[] => {
  if (!allowed.test(name) || name.length > longest)
    throw new Error(
      `Name the workflow in lower-case words with hyphens, ${longest} characters at most: npm run new:workflow -- rotate-certificates.`,
    );
  const text = definition(name);
  const files = {
    [`workflows/${name}.asl.json`]: text,
    [`docs/${name}.md`]: withPictures(manual(name), { [name]: JSON.parse(text) as Asl }),
    [`test/lib/${name}.test.ts`]: test(name),
  };
  const known = Object.keys(files).filter((path) => existsSync(join(root, path)));
  if (known.length > 0)
    throw new Error(`There is ${known.join(' and ')} already; nothing was written. Choose another name.`);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text, { flag: 'wx' });
  return Object.keys(files);
};
