import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../hosts/write-file-atomically';
import { type Mail, mail } from './mail';

export interface MailStore {
  /** Keeps a mail; the same one twice is one. */
  save(received: Mail): Promise<void>;
  /** All mails, oldest first. */
  list(): Promise<Mail[]>;
}

/** One file per mail. */
export const makeMailStore = (folder: string): MailStore => {
  const known = new Map<string, Mail>();
  return {
    save: async (received) => {
      await writeFileAtomically(
        join(folder, `${received.id}.json`),
        `${JSON.stringify(received, null, 2)}\n`,
      );
      known.set(received.id, received);
    },
    list: async () => {
      const names = await readdir(folder).catch(() => []);
      for (const name of names) {
        const id = name.replace(/\.json$/, '');
        if (!name.endsWith('.json') || known.has(id)) continue;
        const parsed = mail.safeParse(JSON.parse(await readFile(join(folder, name), 'utf8')));
        if (parsed.success) known.set(id, parsed.data);
      }
      return [...known.values()].sort((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
    },
  };
};
