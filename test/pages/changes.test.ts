import fc from 'fast-check';
import type { LoadChange } from '../../lambdas/approval-pages/load-change';
import { makeShowChanges } from '../../lambdas/approval-pages/show-changes';
import { makeIdentifyByLink } from '../../lambdas/identity/by-link';
import type { PlayDocument } from '../../lambdas/shared/play-document';
import {
  aChange,
  aPending,
  aPlayDocument,
  approvalId,
  inMemoryApprovals,
  key,
  loadChangeOf,
  startedAt,
} from '../support/gate';
import { serveGate } from '../support/gate-server';
import { aLargePlan, aPlanJson, aResourceChange, writtenPlan } from '../support/written-plan';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const serve = async (
  written: Awaited<ReturnType<typeof writtenPlan>>,
  play: PlayDocument = aPlayDocument(),
  record = aPending(),
) => {
  const load: LoadChange = loadChangeOf(aChange(written.document.counts), written.document, play);
  const server = await serveGate({
    approvals: inMemoryApprovals(record),
    loadChange: load,
    readPlanPage: written.readPlanPage,
    now: () => startedAt,
  });
  open.push(server);
  const overview = `${server.url}/approvals/${approvalId}?key=${key}`;
  return {
    overview,
    part: (query: string) => `${server.url}/approvals/${approvalId}/changes?key=${key}&${query}`,
  };
};

let large: Awaited<ReturnType<typeof writtenPlan>>;
beforeAll(async () => {
  large = await writtenPlan(aLargePlan());
}, 30_000);

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, body: await response.text() };
};
const linksIn = (body: string, at: string): string[] =>
  [...body.matchAll(/<a href="([^"#]+)"/g)].map(
    ([, href = '']) => new URL(href.replaceAll('&amp;', '&'), at).href,
  );

test('of 5,000 resources the overview is small, and every one is reached by following links', async () => {
  const { overview } = await serve(large);
  const first = await get(overview);
  expect(Buffer.byteLength(first.body)).toBeLessThan(60_000);
  expect(first.body).toContain('4,990 × <code>terraform_data</code>');
  expect(first.body).toContain('terraform_data.old[9]');
  expect(first.body.match(/<form /g)).toHaveLength(1);

  const seen = new Map<string, string>();
  const queue = linksIn(first.body, overview);
  for (let link = queue.pop(); link !== undefined; link = queue.pop()) {
    if (seen.has(link) || link === overview) continue;
    const { status, body } = await get(link);
    expect([link, status]).toEqual([link, 200]);
    expect(Buffer.byteLength(body)).toBeLessThan(60_000);
    expect(body).not.toContain('<form');
    seen.set(link, body);
    queue.push(...linksIn(body, link));
  }
  const shown = [...seen.values()].flatMap((body) => body.match(/terraform_data\.host\[\d+\]/g) ?? []);
  expect(new Set(shown).size).toBe(4990);
});

test('a part has the headers of the whole, and leads back to it', async () => {
  const { overview, part } = await serve(large);
  const [whole, page] = await Promise.all([get(overview), get(part('group=create&page=2'))]);
  for (const name of ['content-security-policy', 'referrer-policy', 'cache-control', 'x-frame-options'])
    expect(page.headers.get(name)).toBe(whole.headers.get(name));
  expect(linksIn(page.body, part('group=create&page=2'))).toContain(overview);
  expect(page.body).toContain('Page 2 of');
  expect(page.body).toContain('stands on page 1');
});

test.each([
  ['a wrong key', `key=${'x'.repeat(43)}&group=create&page=1`],
  ['no key', 'group=create&page=1'],
])('with %s there is nothing to see', async (_, query) => {
  const { part } = await serve(large);
  const { status, body } = await get(part('').replace(/\?.*/, `?${query}`));
  expect(status).toBe(404);
  expect(body).toContain('This link does not work');
  expect(body).not.toContain('terraform_data');
});

test.each([
  'group=create&page=0',
  'group=create&page=9999',
  'group=create',
  'group=x&page=1',
  'page=1',
  'host=other',
  'host=other&page=1',
  'part=script&page=1',
  'part=hosts&page=2',
  'part=constructor&page=1',
  'group=__proto__&page=1',
  '',
])('there is no part %j', async (query) => {
  const { part } = await serve(large);
  const { status, body } = await get(part(query));
  expect(status).toBe(404);
  expect(body).toContain('This change has no such page');
});

test('a page whose bytes are not those that were bound is not shown', async () => {
  const { part } = await serve({ ...large, readPlanPage: (await writtenPlan(aPlanJson({}))).readPlanPage });
  const { status, body } = await get(part('group=create&page=1'));
  expect(status).toBe(500);
  expect(body).toContain('Nothing was decided');
});

test('a part is only opened: a POST decides nothing', async () => {
  const { part } = await serve(large);
  expect((await fetch(part('group=create&page=1'), { method: 'POST' })).status).toBe(405);
  expect((await fetch(part('group=create&page=1'), { method: 'HEAD' })).status).toBe(200);
});

test('where a playbook does much, each host has a page of its own', async () => {
  const play = aPlayDocument();
  const tasks = Array.from({ length: 40 }, (_, index) => ({
    name: `Task ${index}`,
    action: 'ansible.builtin.copy',
    status: 'changed' as const,
    detail: `+${'a line that is long '.repeat(20)}`,
  }));
  const hosts = Array.from({ length: 30 }, (_, index) => ({ name: `web-${index}`, isNew: false, tasks }));
  const written = await writtenPlan(aPlanJson({ resource_changes: [aResourceChange('a.b', ['create'])] }));
  const { overview, part } = await serve(written, { ...play, hosts });
  const first = await get(overview);
  expect(Buffer.byteLength(first.body)).toBeLessThan(60_000);
  expect(linksIn(first.body, overview)).toContain(part('host=web-7&page=1'));
  const { body } = await get(part('host=web-7&page=1'));
  expect(body.match(/Task \d+/g)).toHaveLength(40);
  expect((await get(part('host=web-7&page=2'))).status).toBe(404);
});

test.each(['group=create&page=2', 'host=web-7&page=1', 'part=script&page=3'])(
  'somebody who has to sign in first comes back to %s',
  async (query) => {
    const asked: string[] = [];
    const show = makeShowChanges({
      findApproval: inMemoryApprovals(aPending()).find,
      loadChange: loadChangeOf(),
      readPlanPage: large.readPlanPage,
      identify: async (_, { to }) => {
        asked.push(to);
        return { turnedAway: { status: 303, headers: {}, body: '' } };
      },
    });
    await show({
      method: 'GET',
      pathId: approvalId,
      query: { key, ...Object.fromEntries(new URLSearchParams(query)) },
      headers: {},
      body: Buffer.of(),
    });
    expect(asked).toEqual([`approvals/${approvalId}/changes?${query}`]);
  },
);

test('whatever an address says, no page repeats it', async () => {
  const show = makeShowChanges({
    findApproval: inMemoryApprovals(aPending()).find,
    loadChange: loadChangeOf(aChange(large.document.counts), large.document),
    readPlanPage: large.readPlanPage,
    identify: makeIdentifyByLink({ findPerson: () => undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('key', 'group', 'page', 'host', 'part'),
      fc.string({ unit: 'binary', maxLength: 30 }),
      async (name, text) => {
        const query = { key, group: 'create', page: '1', [name]: `"><script>${text}` };
        const answer = await show({
          method: 'GET',
          pathId: approvalId,
          query,
          headers: {},
          body: Buffer.of(),
        });
        expect(answer.status).toBe(404);
        expect(answer.body).not.toContain('<script');
      },
    ),
  );
});
