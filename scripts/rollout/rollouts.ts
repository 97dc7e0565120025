import { putArchive } from '../../cli/releases';
import type { JsonValue } from '../../lambdas/shared/ledger-event';
import { platformClients } from '../../local/platform-clients';
import type { Progress } from '../../local/progress';
import { readWorkspaceHosts } from '../../local/workspace-hosts';
import type { BenchPlatform } from '../bench/bench-platform';
import { boundedRun, type EndedRun } from './bounded-run';
import { driveLoad, type LoadReport } from './drive-load';
import { deploymentOf, packRelease } from './pack-release';

interface UnderLoad {
  readonly run: EndedRun;
  readonly load: LoadReport;
}

export interface Rollouts {
  readonly perSecond: number;
  readonly hosts: number;
  readonly good: UnderLoad;
  readonly bad: UnderLoad;
}

const workspace = 'demo/fleet';
const port = 8080;

/** Which stages of a deployment begin which phase of the load. */
const phases: Readonly<Record<string, string>> = {
  'Roll out': 'while it is rolled out',
  'Roll back': 'while it is rolled back',
  'Record end': 'after it',
};

/**
 * Makes hosts, and rolls three releases out over them one by one: a first one, then a good one under load, then under
 * load one that is well on all hosts but the last, so that all of them go back.
 *
 * @throws Error where a run ends in another way than that, or another release than that answers in the end.
 */
export const rollouts = async (
  bench: BenchPlatform,
  { perSecond, count, progress }: { perSecond: number; count: number; progress: Progress },
): Promise<Rollouts> => {
  const names = Array.from({ length: count }, (_, index) => `app-${index + 1}`);
  const { platform, outputs } = bench;
  const { s3 } = platformClients(platform.gatewayUrl);
  const common = { workspace, reason: 'Releases under load' };

  await progress.step(`${names.length} hosts`, () =>
    boundedRun(bench, {
      workflow: 'vm-provisioning',
      end: 'applied',
      input: {
        ...common,
        module: 'local-fleet',
        variables: { names, owner: 'platform-team' },
        role: 'baseline',
      },
    }),
  );
  const hosts = await readWorkspaceHosts(platform.settings, workspace);
  const targets = hosts.map(({ name, address }) => ({ name, url: `http://${address}:${port}/` }));
  const addressOf = (name: string | undefined): string =>
    hosts.find((host) => host.name === name)?.address ?? '';

  const release = async (
    version: string,
    {
      end = 'applied',
      environment = {},
      onStage,
    }: { end?: string; environment?: Record<string, JsonValue>; onStage?: (name: string) => void } = {},
  ): Promise<EndedRun> => {
    const { sha256 } = await putArchive(s3, outputs.artifactsBucket, await packRelease(version));
    return boundedRun(bench, {
      workflow: 'application-deployment',
      end,
      ...(onStage && { onStage }),
      input: {
        ...common,
        ...deploymentOf(version, sha256),
        environment,
        port,
        rollout: { canary: 1, batchSize: 1, bakeSeconds: 2, probes: 3 },
      },
    });
  };
  const underLoad = async (work: (onStage: (name: string) => void) => Promise<EndedRun>) => {
    let phase = 'before it';
    const stop = new AbortController();
    const load = driveLoad(targets, { perSecond, phase: () => phase, stop: stop.signal });
    const run = await work((stage) => {
      phase = phases[stage] ?? phase;
    }).finally(() => stop.abort());
    const report = { run, load: await load };
    // What was measured stays seen when a later release does not come to its end.
    progress.line(JSON.stringify(report));
    return report;
  };
  const requireServed = async (version: string): Promise<void> => {
    for (const { name, url } of targets) {
      const text = (await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text()).trim();
      if (text !== `shop ${version}`)
        throw new Error(`${name} was to serve shop ${version}, and says: ${text}`);
    }
  };

  await progress.step('A first release', () => release('1.0.0'));
  const good = await progress.step('A good release under load', () =>
    underLoad((onStage) => release('1.1.0', { onStage })),
  );
  await requireServed('1.1.0');
  const bad = await progress.step('A bad release under load', () =>
    underLoad((onStage) =>
      release('1.2.0', {
        end: 'ReleaseRolledBackError',
        environment: { UNWELL_AT: addressOf(names.at(-1)) },
        onStage,
      }),
    ),
  );
  await requireServed('1.1.0');
  return { perSecond, hosts: hosts.length, good, bad };
};
