import { aVote, demandsUnder } from '../support/approval-fixtures';
import {
  aChange,
  aPending,
  aPlayDocument,
  approvalId,
  aScriptDocument,
  inMemoryApprovals,
  key,
  loadChangeOf,
  startedAt,
} from '../support/gate';
import { serveGate } from '../support/gate-server';
import { aPlanJson, aResourceChange, writtenPlan } from '../support/written-plan';

/** What a page may weigh, whatever it is about. */
const mostBytes = 60_000;

const open: { close: () => Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** Each character that HTML writes with the most others, and those that UTF-8 does. */
const dear = (length: number): string => '&"\'<>€'.repeat(length).slice(0, length);

const demands = demandsUnder(
  ...Array.from({ length: 8 }, (_, index) => ({
    id: `rule-${index}-${'x'.repeat(50)}`,
    why: dear(200),
    when: {},
    approvals: [{ people: 2, from: ['approver', 'g'.repeat(60)] }],
  })),
);
const votes = Array.from({ length: 12 }, (_, index) =>
  aVote({ person: `person-${index}`, comment: dear(1000), outcome: 'approved' }),
);

const policy = {
  ...(aChange().plan?.policy as NonNullable<ReturnType<typeof aChange>['plan']>['policy']),
  verdict: 'stricter-gate' as const,
  total: 50,
  reasons: Array.from({ length: 50 }, () => ({
    rule: 'r'.repeat(63),
    address: dear(300),
    message: dear(300),
    verdict: 'stricter-gate' as const,
  })),
};

const prepare = async () => {
  const lines = Array.from({ length: 3000 }, (_, index) => (index % 2 === 0 ? 'x' : '<')).join('\n');
  const types = Array.from({ length: 30 }, (_, index) => `aws_${'t'.repeat(60)}_${index}`);
  const written = await writtenPlan(
    aPlanJson({
      resource_changes: [
        ...types.flatMap((type, index) => [
          aResourceChange(`${type}.a`, ['create'], { after: { [`text_${index}`]: dear(3000) } }, type),
          aResourceChange(`${type}.b`, ['delete'], { before: { [`text_${index}`]: dear(300) } }, type),
          aResourceChange(
            `${type}.c`,
            ['update'],
            { before: { text: dear(50) }, after: { text: `${dear(50)}!` } },
            type,
          ),
        ]),
        aResourceChange(
          'aws_x.lines',
          ['update'],
          { before: { text: lines }, after: { text: `y\n${lines}` } },
          'aws_x',
        ),
      ],
    }),
  );
  const task = (index: number) => ({
    name: dear(512),
    action: `module-${index}`,
    status: 'changed' as const,
    detail: dear(8192),
  });
  const play = {
    ...aPlayDocument(),
    variables: Array.from({ length: 20 }, (_, index) => ({ name: `variable-${index}`, value: dear(4096) })),
    hosts: Array.from({ length: 100 }, (_, index) => ({
      name: `host-${index}-${'h'.repeat(50)}`,
      isNew: false,
      tasks: index < 2 ? Array.from({ length: 5 }, (_, number) => task(number)) : [],
    })),
  };
  const script = {
    ...aScriptDocument(),
    parameters: Array.from({ length: 20 }, (_, index) => ({ name: `parameter-${index}`, value: dear(4096) })),
    files: [
      { path: 'main.py', text: dear(65_536) },
      { path: 'lib.py', text: `${'x\n'.repeat(30_000)}the very last line` },
    ],
  };
  const change = { ...aChange(written.document.counts), reason: dear(1000) };
  const whole = { ...change, plan: change.plan && { ...change.plan, policy } };
  const server = await serveGate({
    approvals: inMemoryApprovals(aPending({ demands, votes, mailedTo: votes.map(({ person }) => person) })),
    loadChange: loadChangeOf(whole, written.document, play, script),
    readPlanPage: written.readPlanPage,
    now: () => startedAt,
  });
  open.push(server);
  return `${server.url}/approvals/${approvalId}?key=${key}`;
};

test('the worst that one change can hold is complete, on pages that are small each', async () => {
  const first = await prepare();
  const pages = new Map<string, string>();
  const queue = [first];
  for (let link = queue.pop(); link !== undefined; link = queue.pop()) {
    if (pages.has(link)) continue;
    const response = await fetch(link);
    const body = await response.text();
    expect([link, response.status]).toEqual([link, 200]);
    pages.set(link, body);
    for (const [, href = ''] of body.matchAll(/<a href="([^"#]+)"/g))
      queue.push(new URL(href.replaceAll('&amp;', '&'), link).href);
  }
  const tooLarge = [...pages].filter(([, body]) => Buffer.byteLength(body) >= mostBytes);
  expect(tooLarge.map(([link, body]) => [link.replace(/.*approvals/, ''), Buffer.byteLength(body)])).toEqual(
    [],
  );

  const all = [...pages.values()].join();
  expect(pages.get(first)).toContain('<form ');
  for (let index = 0; index < 30; index++)
    for (const name of ['a', 'b', 'c']) expect(all).toContain(`aws_${'t'.repeat(60)}_${index}.${name}<`);
  for (let index = 0; index < 100; index++) expect(all).toContain(`host-${index}-h`);
  for (let index = 0; index < 20; index++) {
    expect(all).toContain(`variable-${index}<`);
    expect(all).toContain(`parameter-${index}<`);
  }
  expect(all).toContain('the very last line');
}, 60_000);
