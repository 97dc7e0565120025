import { promises as fs } from 'node:fs';
import * as z from 'zod';
import { host } from '../../shared/contract';
import { HostError } from '../../shared/errors';
import { plainText } from '../../shared/plain-text';
import type { HostAccess } from '../host-access';

const hostList = z.object({ hosts: z.array(host) });
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

interface ControllerOptions {
  readonly url: string;
  readonly tokenFile: string;
  /** Creating hosts includes waiting until they answer. @default 5 minutes */
  readonly timeoutMs?: number;
}

/** Hosts of the local platform, behind its host controller. */
export const makeControllerHostAccess = (options: ControllerOptions): HostAccess => {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<unknown> => {
    const token = (await fs.readFile(options.tokenFile, 'utf8')).trim();
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 300_000);
    let response: Response;
    try {
      response = await fetch(new URL(path, options.url), {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new HostError(`The host controller does not answer (${method} ${path}).`, { cause: error });
    }
    const text = await response.text();
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    let said = `status ${response.status}`;
    try {
      said = refusal.parse(JSON.parse(text)).error.message;
    } catch {
      // The status has to do.
    }
    throw new HostError(`The host controller refused ${method} ${path}: ${plainText(said, 500)}`);
  };
  return {
    ensureHosts: async (workspace, hosts, signal) =>
      hostList.parse(await call('PUT', `/workspaces/${workspace}/hosts`, { hosts }, signal)).hosts,
    listHosts: async (workspace) => hostList.parse(await call('GET', `/workspaces/${workspace}/hosts`)).hosts,
    allowKey: async (workspace, { name, user }, publicKey) => {
      await call('POST', `/workspaces/${workspace}/hosts/${name}/ssh-keys`, { user, publicKey });
    },
  };
};
