import { gunzipSync, inflateRawSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { planDocument, planPage } from '../../lambdas/shared/plan-document';
import { makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';

jest.setTimeout(120_000);

let platform: RunnerPlatform;
beforeAll(async () => {
  platform = await startRunnerPlatform({ needHosts: false });
}, 600_000);
afterAll(() => platform?.stop());

/** Everything that a run left in the buckets, by key. */
const stored = async (prefix: string): Promise<Map<string, Buffer>> => {
  const found = new Map<string, Buffer>();
  for (const Bucket of [platform.env.ARTIFACTS_BUCKET, platform.env.STATE_BUCKET]) {
    const { Contents = [] } = await platform.s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
    for (const { Key = '' } of Contents) {
      const { Body } = await platform.s3.send(new GetObjectCommand({ Bucket, Key }));
      found.set(`${Bucket}/${Key}`, Buffer.from((await Body?.transformToByteArray()) ?? []));
    }
  }
  return found;
};

test('a real plan of 5,000 resources is a small document with pages, and a second plan says what differs', async () => {
  const harness = makeHarness(platform);
  const plan = (run: string, variables: object) => harness.plan(run, 'demo/large', 'many', variables);
  const first = await plan('large-1', { count_of_hosts: 4999 });
  expect(first.counts).toEqual({ create: 5000, update: 0, replace: 0, delete: 0 });
  const read = async (key: string) => JSON.parse((await harness.text(key)) ?? '');
  const document = planDocument.parse(await read(first.document.key));
  expect(JSON.stringify(document).length).toBeLessThan(40_000);
  expect(document.since).toBeNull();
  const content = document.groups[0]?.content;
  if (!content || !('pages' in content)) throw new Error('the plan has no pages');
  const addresses = new Set<string>();
  for (const { key } of content.pages)
    for (const { members } of planPage.parse(await read(key)).rows)
      for (const { address } of members) addresses.add(address);
  expect(addresses.size).toBe(5000);

  const second = await plan('large-2', { count_of_hosts: 5002 });
  expect(planDocument.parse(await read(second.document.key)).since).toMatchObject({
    runId: 'large-1',
    planned: 3,
    unplanned: 0,
    attributes: 0,
  });
});

test('a plan leaves its worker encrypted, and its JSON not at all', async () => {
  const harness = makeHarness(platform);
  const secret = 'correct-horse-battery-staple';
  const variables = { count_of_hosts: 2, api_password: secret };
  const plan = await harness.plan('sealed', 'demo/sealed', 'many', variables);
  const change = await harness.bind('sealed', 'demo/sealed', plan);
  await harness.decide(change, 'approved');
  await harness.apply('sealed', 'demo/sealed', change);
  const objects = new Map([
    ...(await stored('runs/sealed/')),
    ...(await stored('demo/sealed/')),
    ...(await stored('plans/')),
  ]);
  expect([...objects.keys()].some((key) => key.endsWith('/plan.bin'))).toBe(true);
  expect([...objects.keys()].some((key) => key.endsWith('.tfstate'))).toBe(true);
  const unpacked = (bytes: Buffer): Buffer[] =>
    [gunzipSync, inflateRawSync].flatMap((unpack) => {
      try {
        return [unpack(bytes)];
      } catch {
        return [];
      }
    });
  for (const [key, bytes] of objects)
    for (const form of [bytes, ...unpacked(bytes)]) {
      const text = form.toString('latin1');
      expect([key, text.includes(secret), text.includes(Buffer.from(secret).toString('base64'))]).toEqual([
        key,
        false,
        false,
      ]);
      // Marks of a plan's or a state's own JSON and of the archive that an open plan is.
      for (const mark of ['"resource_changes"', '"prior_state"', '"lineage":', 'tfplan', 'PK\u0003\u0004'])
        if (!key.endsWith('.tfstate') || mark !== '"lineage":')
          expect([key, mark, text.includes(mark)]).toEqual([key, mark, false]);
    }
  // After an apply there is nothing to compare the next plan with.
  const after = await harness.plan('after', 'demo/sealed', 'many', variables);
  expect(after.empty).toBe(true);
  expect(planDocument.parse(JSON.parse((await harness.text(after.document.key)) ?? '')).since).toBeNull();
});
