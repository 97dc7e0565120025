import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openForm, sendForm } from '../../support/approval-form';
import { inputFor, platformNow, runsOn, stateDir } from '../../support/e2e-platform';

/** One approval as a browser, a mail scanner and an attacker see it. */
export const gate = (): void => {
  test('only a confirmed form of our own decides, once; no task token leaves the table', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const run = await runs.start(inputFor('e2e/gate'));
    const link = await runs.link(run);
    const approvalId = new URL(link).pathname.split('/').at(-1) ?? '';
    const status = async () => (await runs.approval(approvalId))?.status;
    const pages: string[] = [];
    const text = async (response: Response) => {
      const page = await response.text();
      pages.push(page, JSON.stringify([...response.headers]));
      return page;
    };

    for (let time = 0; time < 5; time++) {
      const [got, head] = [await fetch(link), await fetch(link, { method: 'HEAD' })];
      expect([got.status, head.status]).toEqual([200, 200]);
      expect(await text(got)).toContain('e2e/gate');
      expect(await text(head)).toBe('');
    }
    const fetched = new URL(link);
    fetched.searchParams.set('decision', 'approve');
    expect((await fetch(fetched)).status).toBe(200);
    expect(await status()).toBe('pending');

    const part = (given: Record<string, string>) => {
      const address = new URL(`${new URL(link).pathname}/changes`, link);
      const query = { key: new URL(link).searchParams.get('key') ?? '', ...given };
      for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
      return address;
    };
    const created = await fetch(part({ group: 'create', page: '1' }));
    expect(created.status).toBe(200);
    const createdPage = await text(created);
    expect(createdPage).toMatch(/<h1>[^<]*<\/h1>.*terraform_data/s);
    expect(createdPage).not.toContain('<form');
    expect((await fetch(part({ group: 'create', page: '2' }))).status).toBe(404);
    const host = await fetch(part({ host: 'gate', page: '1' }));
    expect(host.status).toBe(200);
    expect(await text(host)).toContain('Configuration of gate');
    const foreignPart = await fetch(part({ group: 'create', page: '1', key: 'A'.repeat(43) }));
    expect([403, 404]).toContain(foreignPart.status);
    expect(await text(foreignPart)).not.toContain('e2e/gate');
    expect(await status()).toBe('pending');

    const wrongKey = new URL(link);
    wrongKey.searchParams.set('key', 'A'.repeat(43));
    const refusedPage = await fetch(wrongKey);
    expect([403, 404]).toContain(refusedPage.status);
    expect(await text(refusedPage)).not.toContain('e2e/gate');

    const form = await openForm(link);
    const approve = { decision: 'approve' };
    const refusals = [
      [403, { fields: { ...approve, csrf: 'A'.repeat(43) } }],
      [403, { fields: approve, headers: { cookie: undefined } }],
      [400, { fields: { ...approve, csrf: undefined } }],
      [403, { fields: approve, headers: { 'sec-fetch-site': 'cross-site' } }],
      [403, { fields: approve, headers: { origin: 'https://elsewhere.example' } }],
      [400, { fields: { ...approve, confirmation: 'e2e/another' } }],
      [400, { fields: { ...approve, approver: 'mallory' } }],
      [400, { fields: { ...approve, taskToken: 'token' } }],
      [415, { fields: approve, headers: { 'content-type': 'application/json' } }],
      [413, { fields: { ...approve, comment: 'x'.repeat(20_000) } }],
    ] as const;
    for (const [expected, changes] of refusals) {
      const response = await sendForm(form, changes);
      await text(response);
      expect([changes, response.status]).toEqual([changes, expected]);
    }
    const foreign = await sendForm(form, { fields: { ...approve, key: 'A'.repeat(43) } });
    expect([403, 404]).toContain(foreign.status);
    await text(foreign);
    expect(await status()).toBe('pending');

    const [one, other] = await Promise.all([
      sendForm(form, { fields: { decision: 'reject', comment: 'not today' } }),
      sendForm(form, { fields: { decision: 'reject', comment: 'not today' } }),
    ]);
    expect([one.status, other.status]).toEqual([303, 303]);
    expect(await status()).toBe('rejected');
    const late = await sendForm(form, { fields: approve });
    expect(late.status).toBe(409);
    const standing = await runs.approval(approvalId);
    const latePage = await text(late);
    expect(latePage).toMatch(/data-decision="rejected"/);
    expect(latePage).toContain(String(standing?.decidedAt));
    expect((await runs.ended(run)).output).toMatchObject({
      outcome: 'rejected',
      decision: { outcome: 'rejected', answers: [{ comment: 'not today' }] },
    });
    await text(await fetch(link));

    const token = String(standing?.taskToken);
    expect(token.length).toBeGreaterThan(20);
    const mails = JSON.stringify(await runs.mails());
    expect(mails).toContain(run.runId);
    const stored = await runs.versions(platform.outputs.artifactsBucket, `runs/${run.runId}/`);
    const objects = await Promise.all(
      stored.map(({ Key = '', VersionId }) => runs.read(platform.outputs.artifactsBucket, Key, VersionId)),
    );
    expect(objects.length).toBeGreaterThan(3);
    const logFolder = join(stateDir, 'logs');
    const logs = await Promise.all(
      (await readdir(logFolder))
        .filter((name) => name.endsWith('.log'))
        .map((name) => readFile(join(logFolder, name), 'utf8')),
    );
    expect([...pages, mails, ...objects, ...logs].filter((seen) => seen.includes(token))).toEqual([]);
  });
};
