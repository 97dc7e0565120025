import type { Machine, RunOptions } from './machine';
import { DiskFullError, RegistryUnreachableError, ToolchainError } from './toolchain-error';

const DISK_FULL = /no space left on device|ENOSPC|disk quota exceeded/i;
const UNREACHABLE =
  /could not resolve|temporary failure (in name )?resol|name or service not known|connection (refused|timed out|reset)|network is unreachable|no route to host|failed to fetch|max retries exceeded|could not find a version that satisfies|couldn't download|couldn't resolve host|dial tcp|i\/o timeout|proxyconnect|TLS handshake timeout|failed getting release file/i;

/** Says why a command failed, in a sentence that names what to do. */
export const explainFailure = (purpose: string, tail: string): ToolchainError => {
  const detail = tail.trim().split('\n').slice(-6).join('\n');
  if (DISK_FULL.test(tail))
    return new DiskFullError(
      `${purpose} ran out of disk space. Free some and run the command again.\n${detail}`,
    );
  if (UNREACHABLE.test(tail))
    return new RegistryUnreachableError(
      `${purpose} could not reach its package source. Check the network, the proxy settings and the configured mirror, then run the command again.\n${detail}`,
    );
  return new ToolchainError(`${purpose} failed:\n${detail}`);
};

/** Runs a command and returns its standard output; a failure becomes a {@link ToolchainError}. */
export const runOrExplain = async (
  machine: Machine,
  purpose: string,
  program: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> => {
  const result = await machine.run(program, args, options);
  if (result.code !== 0) throw explainFailure(purpose, result.tail);
  return result.stdout;
};
