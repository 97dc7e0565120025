import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readApprovalLinks } from '../../local/approval-links';
import { mail } from '../../local/inbox/mail';
import { platformClients } from '../../local/platform-clients';
import { writeSshAccess } from '../../local/ssh-access';
import { readWorkspaceHosts } from '../../local/workspace-hosts';
import type { BenchPlatform } from '../bench/bench-platform';
import { removeHosts } from '../bench/plain-run';
import type { Interference } from './interference';
import { localMachine } from './machine';
import { releaseStore } from './releases';
import type { EvidenceTarget } from './target';

const run = promisify(execFile);

/** As somebody would who logs in. */
const onHosts = async (
  { stateDir, platform, signal }: BenchPlatform,
  workspace: string,
  command: string,
): Promise<void> => {
  const { settings, identityFile } = platform;
  const hosts = await readWorkspaceHosts(settings, workspace);
  const commands = await writeSshAccess({ stateDir, workspace, hosts, identityFile });
  for (const ssh of commands.values()) await run('sh', ['-c', `${ssh} "$0"`, command], { signal });
};

/** The local platform of this checkout. */
export const localTarget = (bench: BenchPlatform, interference?: Interference): EvidenceTarget => {
  const { platform, outputs, signal } = bench;
  const { stepFunctions, dynamoDb, s3, secretsManager } = platformClients(platform.gatewayUrl);
  return {
    name: 'local',
    environment: 'local',
    outputs,
    stepFunctions,
    dynamoDb,
    secretsManager,
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
    onHosts: (workspace, command) => onHosts(bench, workspace, command),
    ...(interference && { killWorker: interference.killWorker }),
  };
};
