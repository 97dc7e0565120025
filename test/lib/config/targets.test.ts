import { targets } from '../../../lib/config/targets';

const a = { workspaces: 'tenant-a/*', account: '222233334444', externalId: 'tenant-a-5d1f0c3b9a' };
const b = { workspaces: 'tenant-b/*', account: '555566667777', externalId: 'tenant-b-5d1f0c3b9a' };
const said = (...list: object[]): string[] =>
  targets.safeParse(list).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

test('tenants have accounts, a workspace may have another, and some stay in ours', () => {
  const lab = { ...a, workspaces: 'tenant-a/lab', account: '333344445555', applyRole: 'lab-apply' };
  expect(said(a, lab, b, { workspaces: 'platform/*', account: 'own' })).toEqual([]);
  expect(targets.parse([a])).toMatchObject([
    { planRole: 'orchestrator-plan', applyRole: 'orchestrator-apply' },
  ]);
  expect(targets.parse(undefined)).toEqual([]);
});

test.each([
  ['an external id', [a, { ...b, externalId: a.externalId }], '1.externalId: it serves tenant-a already'],
  ['a role', [a, { ...b, account: a.account }], '1.planRole: it serves tenant-a already'],
])('%s that would serve two tenants is refused', (_, list, sentence) => {
  expect(said(...list)).toContainEqual(expect.stringContaining(sentence));
});

test.each([
  [[a, a], 'tenant-a/* stands here twice'],
  [[{ ...a, applyRole: 'orchestrator-plan' }], 'a plan changes nothing'],
  [[{ ...a, workspaces: '*/web' }], 'write it as tenant/* or tenant/workspace'],
  [[{ ...a, workspaces: '*' }], 'write it as tenant/* or tenant/workspace'],
  [[{ ...a, externalId: 'short' }], 'at least 16'],
  [[{ ...a, planRole: 'role/with/path' }], 'without path'],
])('refuses %j', (list, sentence) => {
  expect(JSON.stringify(targets.safeParse(list).error?.issues)).toContain(sentence);
});

test('says when there are more than a function can be told', () => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    ...a,
    workspaces: `tenant-a/workspace-${index}`,
  }));
  expect(said(...many)).toEqual([expect.stringContaining('use tenant/*')]);
});
