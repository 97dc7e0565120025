import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { assertPortFree, findFreePort } from '../emulator/free-port';
import { writeFileAtomically } from '../hosts/write-file-atomically';

const ports = z.strictObject({
  gateway: z.int().min(1).max(65535),
  hosts: z.int().min(1).max(65535),
  inbox: z.int().min(1).max(65535),
});
export type Ports = z.infer<typeof ports>;

/**
 * The ports of this state: those of the last time where they are still free, so that links stay good and the app,
 * which knows them, need not be deployed again.
 */
export const stablePorts = async (file: string): Promise<Ports> => {
  const last = await readFile(file, 'utf8')
    .then((text) => ports.partial().parse(JSON.parse(text)))
    .catch(() => ({}) as Partial<Ports>);
  const taken = new Set<number>();
  const choose = async (port: number | undefined): Promise<number> => {
    const isFree =
      port !== undefined &&
      !taken.has(port) &&
      (await assertPortFree(port).then(
        () => true,
        () => false,
      ));
    const chosen = isFree ? port : await findFreePort();
    if (taken.has(chosen)) return choose(undefined);
    taken.add(chosen);
    return chosen;
  };
  const chosen = {
    gateway: await choose(last.gateway),
    hosts: await choose(last.hosts),
    inbox: await choose(last.inbox),
  };
  await writeFileAtomically(file, `${JSON.stringify(chosen)}\n`);
  return chosen;
};
