import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readApprovalLinks } from '../../local/approval-links';
import { mail } from '../../local/inbox/mail';
import { platformClients } from '../../local/platform-clients';
import { writeSshAccess } from '../../local/ssh-access';
import { readWorkspaceHosts } from '../../local/workspace-hosts';
import type { BenchPlatform } from '../bench/bench-platform';
import { removeHosts } from '../bench/plain-run';
import type { Call, Judge } from '../faults/fault-proxy';
import { killWorker } from './kill-worker';
import { localMachine } from './machine';
import { releaseStore } from './releases';
import type { EvidenceTarget } from './target';

const run = promisify(execFile);

/** As somebody would who logs in and knows no better. */
const changeByHand = async (
  { stateDir, platform, signal }: BenchPlatform,
  workspace: string,
): Promise<void> => {
  const { settings, identityFile } = platform;
  const hosts = await readWorkspaceHosts(settings, workspace);
  const commands = await writeSshAccess({ stateDir, workspace, hosts, identityFile });
  for (const ssh of commands.values())
    await run('sh', ['-c', `${ssh} sudo chmod 666 /etc/sysctl.d/60-baseline.conf`], { signal });
};

/** The local platform of this checkout. */
export const localTarget = (bench: BenchPlatform): EvidenceTarget => {
  const { platform, outputs, signal } = bench;
  const { stepFunctions, dynamoDb, s3 } = platformClients(platform.gatewayUrl);
  return {
    name: 'local',
    outputs,
    stepFunctions,
    dynamoDb,
    signal,
    machine: localMachine,
    putRelease: releaseStore(s3, outputs.artifactsBucket),
    approvalLinks: (runId) => readApprovalLinks(platform.inboxUrl, runId),
    wasTold: async (runId) => {
      const answer = await fetch(new URL('/messages.json', platform.inboxUrl), { signal });
      return mail
        .array()
        .parse(await answer.json())
        .some(
          ({ topic, subject, body }) =>
            topic.includes('News') && /^Run /.test(subject) && body.includes(runId),
        );
    },
    removeHosts: (workspace) => removeHosts(bench, workspace),
    changeByHand: (workspace) => changeByHand(bench, workspace),
    killWorker: (task) => killWorker(task, platform.settings.gatewayPort),
  };
};

const throttledEach = 5;

/** Throttles every fifth call that a function makes to a service. */
export const throttling = (): Judge => {
  const calls = new Map<string, number>();
  return async ({ step }: Call) => {
    const number = (calls.get(step) ?? 0) + 1;
    calls.set(step, number);
    return number % throttledEach === 0 ? 'throttle' : 'pass';
  };
};
