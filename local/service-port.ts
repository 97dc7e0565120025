import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const port = z.int().min(1).max(65535);

/**
 * The TCP port on which a role's service listens: the variable `<role>_port` as given, else as the role defaults it;
 * null when the role has no such variable.
 */
export const servicePort = async (
  repository: string,
  role: string,
  variables: unknown,
): Promise<number | null> => {
  const name = `${role.replaceAll('-', '_')}_port`;
  const valueIn = (values: unknown) => z.looseObject({ [name]: port }).safeParse(values).data?.[name];
  const file = join(repository, 'ansible', 'roles', role, 'defaults', 'main.yml');
  const defaults = parse(await readFile(file, 'utf8').catch(() => ''));
  return port.safeParse(valueIn(variables) ?? valueIn(defaults)).data ?? null;
};
