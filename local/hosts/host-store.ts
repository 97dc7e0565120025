import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '../../lambdas/shared/errors';
import { type HostRecord, hostRecord } from './host-record';
import { writeFileAtomically } from './write-file-atomically';

export interface HostStore {
  /** The folder of one host, whether it exists or not. */
  directoryOf(tenant: string, workspace: string, name: string): string;
  /** Every host of one workspace, sorted by name. */
  list(tenant: string, workspace: string): Promise<HostRecord[]>;
  /** Every host of every workspace. */
  listAll(): Promise<HostRecord[]>;
  /** Folders of hosts whose creation did not get as far as a record. */
  listOrphans(): Promise<string[]>;
  save(record: HostRecord): Promise<void>;
  /** Removes the record first, so that a crash leaves an orphan and never a host without its files. */
  remove(directory: string): Promise<void>;
}

const RECORD = 'host.json';

const foldersIn = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
};

/** Records of hosts as files: `<root>/<tenant>/<workspace>/<host>/host.json`. */
export const makeHostStore = (root: string): HostStore => {
  const read = async (directory: string): Promise<HostRecord | null> => {
    const file = join(directory, RECORD);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    try {
      return hostRecord.parse(JSON.parse(text));
    } catch (cause) {
      throw new HostError(
        `The record of a host, ${file}, cannot be read. Remove its folder to give the host up.`,
        {
          cause,
        },
      );
    }
  };
  const directories = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const tenant of await foldersIn(root))
      for (const workspace of await foldersIn(join(root, tenant)))
        for (const name of await foldersIn(join(root, tenant, workspace)))
          found.push(join(root, tenant, workspace, name));
    return found;
  };
  const present = (records: ReadonlyArray<HostRecord | null>): HostRecord[] =>
    records.filter((record) => record !== null);
  return {
    directoryOf: (tenant, workspace, name) => join(root, tenant, workspace, name),
    list: async (tenant, workspace) => {
      const folder = join(root, tenant, workspace);
      return present(await Promise.all((await foldersIn(folder)).map((name) => read(join(folder, name)))));
    },
    listAll: async () => present(await Promise.all((await directories()).map(read))),
    listOrphans: async () => {
      const orphans: string[] = [];
      for (const directory of await directories()) if (!(await read(directory))) orphans.push(directory);
      return orphans;
    },
    save: async (record) => {
      const directory = join(root, record.tenant, record.workspace, record.planned.name);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFileAtomically(join(directory, RECORD), `${JSON.stringify(record, null, 2)}\n`);
    },
    remove: async (directory) => {
      await rm(join(directory, RECORD), { force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
};
