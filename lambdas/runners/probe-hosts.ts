import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, ProbeResult } from '../shared/contract';
import { HostError, ReleaseUnhealthyError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { limitedTo, resolveHosts } from './ansible-run';
import type { ProbeTask } from './contract';
import type { RunnerDeps, TaskContext } from './runner';

/** A health page is small and quick, and ends. */
const answerBytesAtMost = 64 * 1024;
const answerWithinMs = 5000;

const urlOf = ({ address }: Host, { port, path }: ProbeTask): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;

const readBounded = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesAtMost) throw new Error(`the answer is longer than ${answerBytesAtMost} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Why the answer is not well, or nothing. */
const ask = async (url: string, text: string, signal: AbortSignal): Promise<string | undefined> => {
  const late = AbortSignal.timeout(answerWithinMs);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
      headers: { connection: 'close' },
    });
    const body = await readBounded(response);
    if (response.status !== 200) return `it answers with status ${response.status}`;
    if (!body.includes(text))
      return `its answer does not hold "${plainText(text, 80)}", but begins with "${plainText(body.replace(/\s+/g, ' '), 80)}"`;
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return `it gives no whole answer within ${answerWithinMs / 1000} seconds`;
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return cause?.code === undefined ? message : `it cannot be reached (${cause.code})`;
  }
};

/**
 * Asks each host several times. One answer that is not well is enough: who flaps is not well.
 *
 * @throws ReleaseUnhealthyError naming the host and what it did
 * @throws HostError when a host is not there
 */
export const makeProbeHosts =
  (deps: Pick<RunnerDeps, 'hostAccess' | 'now'>) =>
  async (task: ProbeTask, { signal, log }: Pick<TaskContext, 'signal' | 'log'>): Promise<ProbeResult> => {
    const { run, probes, intervalSeconds, text } = task;
    const { found, missing } = await resolveHosts(deps, run.workspace, limitedTo(task.hosts, task.limit));
    const lost = missing[0];
    if (lost) throw new HostError(`The host ${lost.name} of ${run.workspace} does not answer.`);
    let slowestMilliseconds = 0;
    const probe = async (host: Host): Promise<void> => {
      const url = urlOf(host, task);
      for (let nth = 1; nth <= probes; nth += 1) {
        const startedAt = deps.now().getTime();
        const why = await ask(url, text, signal);
        slowestMilliseconds = Math.max(slowestMilliseconds, deps.now().getTime() - startedAt);
        log.write(`${host.name} ${nth}/${probes}: ${why ?? 'well'}\n`);
        if (why !== undefined)
          throw new ReleaseUnhealthyError(
            `The release is not well on ${host.name}: asked the ${nth}. of ${probes} times at ${url}, ${why}.`,
          );
        if (nth < probes) await sleep(intervalSeconds * 1000, undefined, { signal });
      }
    };
    const asked = await Promise.allSettled(found.map(probe));
    signal.throwIfAborted();
    for (const one of asked) if (one.status === 'rejected') throw one.reason;
    return { hosts: found.length, answers: found.length * probes, slowestMilliseconds };
  };
