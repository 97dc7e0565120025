import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { change as changeSchema } from '../../../lambdas/shared/change';
import { decideOverHttp } from '../../../local/approve-client';
import { inputFor, platformNow, runsOn } from '../../support/e2e-platform';

const waiting = async (workspace: string) => {
  const platform = await platformNow();
  const runs = runsOn(platform);
  const run = await runs.start(inputFor(workspace, { role: 'baseline' }));
  const link = await runs.link(run);
  const ref = (await runs.record(run.runId))?.change?.ref;
  if (!ref) throw new Error('No change was bound.');
  const bound = changeSchema.parse(JSON.parse(await runs.read(ref.bucket, ref.key, ref.versionId)));
  if (!bound.plan) throw new Error('The change has no plan.');
  return { runs, run, link, ref, plan: bound.plan.ref, s3: platform.s3 };
};

/** What is carried out are the bytes that were shown. */
export const binding = (): void => {
  test('other bytes at the place of plan and change alter nothing: the bound versions are carried out', async () => {
    const { runs, run, link, ref, plan, s3 } = await waiting('e2e/bound');
    for (const { bucket, key } of [plan, ref])
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'other bytes' }));
    await decideOverHttp(link, { decision: 'approve' });
    // The plan was applied when the configuration begins; its rest is told elsewhere.
    await runs.worker(run, 'ansible-run');
    const stages = (await runs.record(run.runId))?.status;
    expect(stages).toBe('running');
    await runs.stop(run);
    expect((await runs.recordedEnd(run)).result).toMatchObject({ error: { name: 'RunStoppedError' } });
    await runs.freed('e2e/bound');
  });

  test('a plan whose bound version is gone is not replaced by another', async () => {
    const { runs, run, link, plan, s3 } = await waiting('e2e/unbound');
    await s3.send(new PutObjectCommand({ Bucket: plan.bucket, Key: plan.key, Body: 'other bytes' }));
    await s3.send(new DeleteObjectCommand({ Bucket: plan.bucket, Key: plan.key, VersionId: plan.versionId }));
    await decideOverHttp(link, { decision: 'approve' });
    const ended = await runs.ended(run);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ContentDamagedError' });
    expect(ended.cause).toMatch(/Start a new run|Plan again/);
    expect((await runs.endMail(run)).body).toContain('ContentDamagedError: ');
    await runs.freed('e2e/unbound');
  });

  test('a change that cannot be read any more can be neither shown nor decided', async () => {
    const { runs, run, link, ref, s3 } = await waiting('e2e/unreadable');
    await s3.send(new DeleteObjectCommand({ Bucket: ref.bucket, Key: ref.key, VersionId: ref.versionId }));
    const page = await fetch(link);
    expect(page.status).toBe(500);
    expect(await page.text()).not.toContain('<form');
    await expect(decideOverHttp(link, { decision: 'approve' })).rejects.toThrow(/500/);
    await runs.stop(run);
    await runs.recordedEnd(run);
    await runs.freed('e2e/unreadable');
  });
};
