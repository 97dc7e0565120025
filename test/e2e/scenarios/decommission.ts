import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Vote } from '../../../lambdas/approval-rules/people';
import { driftDocument } from '../../../lambdas/shared/drift-document';
import { approvalIdOf } from '../../../local/approval-links';
import { type CommandResult, inputFor, platformNow, repository, runsOn } from '../../support/e2e-platform';

const run = promisify(execFile);

/** What becomes of a workspace after it was brought to something. */
export const decommission = (first: () => CommandResult): void => {
  test('what somebody changed on a host by hand is drift, told once, until it is gone', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const [, ssh = ''] = /(ssh -F \S+ web-01)/.exec(first().stderr) ?? [];
    const byHand = (command: string) => run('sh', ['-c', `${ssh} '${command}'`], { cwd: repository });
    const check = async () => {
      const started = await runs.startOf('drift-check', { workspace: 'demo/web-01', whenBusy: 'wait' });
      const { status, output, stages } = await runs.ended(started);
      expect({ status, output }).toMatchObject({ status: 'SUCCEEDED' });
      const key = `runs/${started.runId}/drift.json`;
      const document = driftDocument.parse(
        JSON.parse(await runs.read(platform.outputs.artifactsBucket, key)),
      );
      return { started, output, document, told: stages.some(({ name }) => name === 'Notify') };
    };

    await byHand('sudo chmod 777 /etc/systemd/system/web-service.service');
    const drifted = await check();
    expect(drifted).toMatchObject({
      output: { outcome: 'drifted', drift: { counts: { state: 0, configuration: 0 } } },
      told: true,
    });
    expect(drifted.document.items).toEqual([expect.objectContaining({ in: 'host', what: 'web-01' })]);
    expect((await runs.endMail(drifted.started)).body).toContain('1 new');

    await byHand('sudo chmod 644 /etc/systemd/system/web-service.service');
    expect(await check()).toMatchObject({
      output: { outcome: 'clean', drift: { total: 0, since: null } },
      document: { items: [] },
      told: false,
    });
  });

  test('a workspace lives longer when that is approved; it is destroyed after approval of exactly that, and its machine is gone', async () => {
    const runs = runsOn(await platformNow());
    const workspace = 'e2e/gone';
    const made = await runs.start(inputFor(workspace, { role: 'baseline' }));
    await runs.decide(made, 'approve');
    expect((await runs.ended(made)).output).toMatchObject({ outcome: 'applied' });
    expect(await runs.hosts(workspace)).toHaveLength(1);
    await runs.freed(workspace);

    const end = Date.parse((await runs.endOf(workspace)) ?? '');
    const reason = 'An end-to-end test';
    const longer = await runs.start({ workspace, asApplied: true, extendByHours: 24, reason });
    await runs.decide(longer, 'approve');
    expect((await runs.ended(longer)).output).toMatchObject({
      outcome: 'applied',
      summary: { add: 0, destroy: 0 },
    });
    expect(Date.parse((await runs.endOf(workspace)) ?? '') - end).toBe(24 * 3_600_000);
    await runs.freed(workspace);

    const destroyed = await runs.startOf('decommission', { workspace, reason });
    const link = await runs.link(destroyed);
    expect(await (await fetch(link)).text()).toMatch(/Destroys everything in e2e\/gone/);
    await runs.decide(destroyed, 'approve');
    const { votes } = (await runs.approval(approvalIdOf(link))) ?? {};
    expect(votes.map(({ person }: Vote) => person).sort()).toEqual(['alex', 'sam']);
    expect((await runs.ended(destroyed)).output).toMatchObject({
      outcome: 'applied',
      summary: { add: 0, change: 0, destroy: 2 },
    });
    expect(await runs.hosts(workspace)).toEqual([]);
    await runs.freed(workspace);

    const again = await runs.startOf('decommission', { workspace, reason });
    expect(await runs.ended(again)).toMatchObject({ status: 'FAILED', error: 'NothingAppliedError' });
  });
};
