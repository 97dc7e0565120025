import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Host, host } from '../lambdas/shared/contract';
import type { LocalPlatform } from '../lib/config/schema';

const answer = z.object({ hosts: z.array(host) });
const timeoutMs = 5000;

/** The hosts of a workspace that are up, as the host controller has them. */
export const readWorkspaceHosts = async (
  settings: LocalPlatform,
  workspace: string,
): Promise<readonly Host[]> => {
  const token = (await readFile(settings.hostControllerTokenFile, 'utf8')).trim();
  const response = await fetch(new URL(`/workspaces/${workspace}/hosts`, settings.hostControllerUrl), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok)
    throw new Error(`The host controller answers with status ${response.status} for ${workspace}.`);
  return answer.parse(await response.json()).hosts;
};
