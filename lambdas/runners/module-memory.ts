import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { digestOf } from '../shared/digest';

/** What `tofu init` left in a module's folder, apart from what is a workspace's own. */
interface Initialized {
  /** Text files by path. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Links by path: a provider of the mirror is linked, not copied. */
  readonly links: ReadonlyMap<string, string>;
}

/** What this worker knows about modules that it worked with before; in memory alone, where no tool can change it. */
export interface ModuleMemory {
  /** What is always the same for the same key: asked once, unless that fails. */
  recall<T>(what: string, key: string, ask: () => Promise<T>): Promise<T>;
  /** Lays the initialized module out for a workspace's state. `false`: it has to be initialized. */
  restore(key: string, folder: string, stateKey: string): Promise<boolean>;
  /** Remembers what `init` left, unless there is too much of it or it does not look as expected. */
  remember(key: string, folder: string, stateKey: string): Promise<void>;
}

const lockFile = '.terraform.lock.hcl';
const backendFile = '.terraform/terraform.tfstate';
const mostModules = 8;
/** Modules without packages of providers or of other modules are some kilobytes. */
const mostBytes = 2 * 1024 * 1024;

/** Where OpenTofu keeps which state a folder belongs to. */
const backendRecord = z.looseObject({
  backend: z.looseObject({ type: z.literal('s3'), config: z.looseObject({ key: z.string() }) }),
});

/** Names what decides how a module initializes, validates and reads: equal keys give the same but for the state's key. */
export const moduleKey = (about: {
  moduleDigest: string;
  backend: object;
  engine: string;
  providerMirror: string | undefined;
}): string => digestOf({ ...about, providerMirror: about.providerMirror ?? null });

/** Tells one build of OpenTofu from another without starting it. */
export const engineStamp = async (path: string): Promise<string> => {
  for (const folder of path.split(':')) {
    const found = await fs.stat(join(folder, 'tofu')).catch(() => undefined);
    if (found?.isFile()) return [folder, found.ino, found.size, found.mtimeMs].join(' ');
  }
  return 'none';
};

const read = async (folder: string): Promise<Initialized | undefined> => {
  const files = new Map<string, Buffer>();
  const links = new Map<string, string>();
  let bytes = 0;
  const take = async (path: string): Promise<boolean> => {
    const { size } = await fs.stat(join(folder, path));
    bytes += size;
    if (bytes > mostBytes) return false;
    files.set(path, await fs.readFile(join(folder, path)));
    return true;
  };
  const walk = async (below: string): Promise<boolean> => {
    for (const entry of await fs.readdir(join(folder, below), { withFileTypes: true })) {
      const path = `${below}/${entry.name}`;
      if (entry.isSymbolicLink()) links.set(path, await fs.readlink(join(folder, path)));
      else if (!(await (entry.isDirectory() ? walk(path) : take(path)))) return false;
    }
    return true;
  };
  if (!(await walk('.terraform'))) return undefined;
  const hasLock = await fs.stat(join(folder, lockFile)).catch(() => undefined);
  return hasLock && !(await take(lockFile)) ? undefined : { files, links };
};

const beside = async (folder: string, path: string): Promise<string> => {
  const target = join(folder, path);
  await fs.mkdir(join(target, '..'), { recursive: true, mode: 0o700 });
  return target;
};

export const makeModuleMemory = (): ModuleMemory => {
  const answers = new Map<string, unknown>();
  const known = new Map<string, Initialized & { backend: z.infer<typeof backendRecord> }>();
  /** The oldest goes when there are too many. */
  const keep = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
    const [oldest] = map.keys();
    if (map.size >= most && oldest !== undefined) map.delete(oldest);
    map.set(key, value);
  };
  return {
    recall: async <T>(what: string, key: string, ask: () => Promise<T>): Promise<T> => {
      const place = `${what} ${key}`;
      if (answers.has(place)) return answers.get(place) as T;
      const answer = await ask();
      keep(answers, place, answer, 2 * mostModules);
      return answer;
    },
    restore: async (key, folder, stateKey) => {
      const found = known.get(key);
      if (!found) return false;
      const { backend } = found;
      const own = { ...backend.backend, config: { ...backend.backend.config, key: stateKey } };
      for (const [path, bytes] of found.files)
        await fs.writeFile(await beside(folder, path), bytes, { mode: 0o600 });
      for (const [path, target] of found.links) await fs.symlink(target, await beside(folder, path));
      await fs.writeFile(await beside(folder, backendFile), JSON.stringify({ ...backend, backend: own }), {
        mode: 0o600,
      });
      return true;
    },
    remember: async (key, folder, stateKey) => {
      const left = await read(folder);
      const backend = backendRecord.safeParse(
        JSON.parse(left?.files.get(backendFile)?.toString('utf8') ?? 'null'),
      );
      if (!left || !backend.success || backend.data.backend.config.key !== stateKey) return;
      const files = new Map([...left.files].filter(([path]) => path !== backendFile));
      keep(known, key, { ...left, files, backend: backend.data }, mostModules);
    },
  };
};
