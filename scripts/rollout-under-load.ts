/** A good and a bad release under load, with the count of failed requests: `npm run rollout:load`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { putArchive } from '../cli/releases';
import { startRun } from '../cli/start-run';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { readApprovalLinks } from '../local/approval-links';
import { decideOverHttp } from '../local/approve-client';
import { bringUp } from '../local/bring-up';
import { deploy } from '../local/deploy';
import { watchInterruption } from '../local/interruption';
import { platformClients, readRunRecord } from '../local/platform-clients';
import { createProgress } from '../local/progress';
import { runWorkflow } from '../local/run-workflow';
import { readWorkspaceHosts } from '../local/workspace-hosts';
import { exitWith } from './exit-with';
import { driveLoad } from './rollout/drive-load';
import { packRelease } from './rollout/pack-release';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const stateDir = resolve(process.env.ORCHESTRATOR_STATE_DIR ?? join(repository, '.local'));
const workspace = 'demo/fleet';
const names = ['app-1', 'app-2', 'app-3'];
const usage = `npm run rollout:load -- [--per-second N]

Makes three hosts (workspace ${workspace}), rolls a release out over them, then one that is well on the first two and
not on the last, so that all three go back; all under load. Prints requests, failures and durations as JSON.

  --per-second N   requests a second (default 50)
`;

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { 'per-second': { type: 'string', default: '50' }, help: { type: 'boolean' } },
  });
  const perSecond = Number(values['per-second']);
  if (values.help || !Number.isInteger(perSecond) || perSecond < 1 || perSecond > 500) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const progress = createProgress();
  const { signal, dispose } = watchInterruption();
  const platform = await bringUp({ stateDir, keep: false, progress, signal });
  try {
    const { stepFunctions, cloudFormation, dynamoDb, s3 } = platformClients(platform.gatewayUrl);
    const { outputs } = await progress.step('Deploying the app', (note) =>
      deploy({ ...platform, repository, stateDir, cloudFormation, note, signal }),
    );
    const run = async (workflow: string, input: Record<string, JsonValue>) => {
      const startedAt = performance.now();
      const started = await startRun(stepFunctions, {
        workflow,
        stateMachineArn: outputs.stateMachines[workflow] ?? '',
        input: { workspace, reason: 'Releases under load', ...input },
      });
      const report = await runWorkflow(
        {
          client: stepFunctions,
          approvalLinks: (runId) => readApprovalLinks(platform.inboxUrl, runId),
          decide: (link, decision) => decideOverHttp(link, { decision }),
          recordedEnd: async () => (await readRunRecord(dynamoDb, outputs.runsTable, started.runId))?.result,
          onStages: () => undefined,
          onLink: () => undefined,
        },
        started,
        { workflow, decision: 'approve', signal },
      );
      const { runId, outcome, error, stages } = report;
      return {
        runId,
        outcome,
        error: error?.code ?? null,
        seconds: Math.round((performance.now() - startedAt) / 100) / 10,
        stages: stages.map(({ name, seconds }) => `${name}: ${seconds}`),
      };
    };
    const release = async (version: string, environment: Record<string, string> = {}) => {
      const { sha256 } = await putArchive(s3, outputs.artifactsBucket, await packRelease(version));
      return run('application-deployment', {
        application: 'shop',
        version,
        sha256,
        command: ['/usr/bin/python3', 'server.py'],
        environment,
        healthPath: '/healthz',
        healthText: `shop ${version}`,
        rollout: { canary: 1, batchSize: 1, bakeSeconds: 2, probes: 3 },
      });
    };
    const underLoad = async (work: () => Promise<unknown>) => {
      const hosts = await readWorkspaceHosts(platform.settings, workspace);
      const targets = hosts.map(({ name, address }) => ({ name, url: `http://${address}:8080/` }));
      const stop = new AbortController();
      const load = driveLoad(targets, perSecond, stop.signal);
      const result = await work().finally(() => stop.abort());
      return { run: result, load: await load };
    };
    const version = (nth: number) => `${Math.floor(Date.now() / 1000)}.${nth}`;

    await progress.step('Hosts', () =>
      run('vm-provisioning', {
        module: 'local-fleet',
        variables: { names, owner: 'platform-team' },
        role: 'baseline',
      }),
    );
    const first = await progress.step('A first release', () => release(version(0)));
    const good = await progress.step('A good release under load', () => underLoad(() => release(version(1))));
    const last = (await readWorkspaceHosts(platform.settings, workspace)).find(
      ({ name }) => name === 'app-3',
    );
    const bad = await progress.step('A bad release under load', () =>
      underLoad(() => release(version(2), { UNWELL_AT: last?.address ?? '' })),
    );
    process.stdout.write(
      `${JSON.stringify({ perSecond, hosts: names.length, first, good, bad }, null, 2)}\n`,
    );
    return 0;
  } finally {
    dispose();
    if (!platform.reused) await platform.stop();
  }
};

exitWith(main);
