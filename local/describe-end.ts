import type { DeployedOutputs } from '../cli/deployed-outputs';
import type { RunReport } from '../cli/run-report';
import type { StartedRun } from '../cli/start-run';
import { vmProvisioningInput } from '../lambdas/begin-run/startable/vm-provisioning';
import type { LocalPlatform } from '../lib/config/schema';
import { outcomePanel } from './outcome-panel';
import { servicePort } from './service-port';
import { writeSshAccess } from './ssh-access';
import { readWorkspaceHosts } from './workspace-hosts';

export interface EndFacts {
  readonly repository: string;
  readonly stateDir: string;
  readonly settings: LocalPlatform;
  readonly identityFile: string;
  readonly inboxUrl: string;
  readonly report: RunReport;
  readonly input: unknown;
  readonly outputs: DeployedOutputs;
  readonly run: StartedRun;
}

/** What is told when a run has ended. */
export interface EndDescription {
  readonly lines: readonly string[];
  readonly links: Readonly<Record<string, string>>;
}

/** Tells what changed, how to get into the hosts, where the report and the mail are. */
export const describeEnd = async (facts: EndFacts): Promise<EndDescription> => {
  const { report, run, outputs, inboxUrl } = facts;
  const scanned = report.stages.some(
    ({ name, status }) => name === 'Scan compliance' && status === 'succeeded',
  );
  const complianceReport = scanned
    ? `s3://${outputs.artifactsBucket}/runs/${run.runId}/compliance.json`
    : null;
  const isUp = report.outcome === 'applied' || report.outcome === 'unchanged';
  // The run has ended as it has; that its hosts cannot be listed changes nothing about it.
  const hosts = isUp ? await reachableHosts(facts).catch(() => []) : [];
  const service = hosts.find((host) => host.service !== null)?.service;
  return {
    lines: outcomePanel({ report, hosts, executionArn: run.executionArn, inboxUrl, complianceReport }),
    links: {
      inbox: inboxUrl,
      health: `${outputs.publicUrl.replace(/\/$/, '')}/api/health`,
      ...(service ? { service } : {}),
      ...(complianceReport ? { report: complianceReport } : {}),
    },
  };
};

/** The hosts of the run's workspace with the commands that reach them; none when the input names no workspace. */
const reachableHosts = async ({ repository, stateDir, settings, identityFile, input }: EndFacts) => {
  const parsed = vmProvisioningInput.safeParse(input).data;
  if (!parsed) return [];
  const { workspace, role, roleVariables } = parsed;
  const hosts = await readWorkspaceHosts(settings, workspace);
  const commands = await writeSshAccess({ stateDir, workspace, hosts, identityFile });
  const port = await servicePort(repository, role, roleVariables);
  return hosts.map(({ name, address }) => ({
    name,
    ssh: commands.get(name) ?? '',
    service: port === null ? null : `http://${address}${port === 80 ? '' : `:${port}`}/`,
  }));
};
