import type { ConfigurationInForce } from '../../../lambdas/record-configuration/contract';
import { makeNewestEntry } from '../../../lambdas/record-configuration/newest-entry';
import { makeRecordConfiguration } from '../../../lambdas/record-configuration/record-configuration';
import { sha256Hex } from '../../../lambdas/shared/digest';
import { chain, genesisHash, type LedgerEntry } from '../../../lambdas/shared/ledger-chain';
import type { ImpersonalEvent } from '../../../lambdas/shared/ledger-event';

const inForce = (rules: string, roles: string): ConfigurationInForce => ({
  release: `1.0.0 ${rules}${roles}`,
  rules: { approvals: sha256Hex(rules), plans: sha256Hex('plans') },
  roles: { approvers: sha256Hex(roles) },
});

/** A ledger that takes each id once. */
const prepare = () => {
  const entries: LedgerEntry[] = [];
  const deploy = (rules: string, roles: string) => {
    const newest = async (type: string) => entries.findLast((entry) => entry.type === type);
    const append = async (event: ImpersonalEvent) => {
      if (entries.some(({ id }) => id === event.id)) return;
      entries.push(chain(entries.at(-1) ?? { seq: 0, hash: genesisHash }, event));
    };
    const now = () => new Date('2026-01-01T00:00:00Z');
    return makeRecordConfiguration({ inForce: inForce(rules, roles), newest, ledger: { append }, now });
  };
  const told = () => entries.map(({ type, data }) => [type, data.before, data.after]);
  return { entries, deploy, told };
};
const a = inForce('A', 'A');
const b = inForce('B', 'A');

test('what is in force is recorded at first, and afterwards only what changed, back and forth', async () => {
  const { deploy, told, entries } = prepare();
  expect(await deploy('A', 'A')()).toEqual({ recorded: ['rules.changed', 'roles.changed'] });
  expect(await deploy('A', 'A')()).toEqual({ recorded: [] });
  expect(await deploy('B', 'A')()).toEqual({ recorded: ['rules.changed'] });
  expect(await deploy('A', 'A')()).toEqual({ recorded: ['rules.changed'] });
  expect(told()).toEqual([
    ['rules.changed', null, a.rules],
    ['roles.changed', null, a.roles],
    ['rules.changed', a.rules, b.rules],
    ['rules.changed', b.rules, a.rules],
  ]);
  expect(entries.every(({ tenant }) => tenant === 'all')).toBe(true);
  expect(entries.at(-1)?.data.release).toBe('1.0.0 AA');
});

test('two sweeps at the same moment leave one entry', async () => {
  const { deploy, entries } = prepare();
  await Promise.all([deploy('A', 'A')(), deploy('A', 'A')()]);
  expect(entries.map(({ type }) => type)).toEqual(['rules.changed', 'roles.changed']);
});

test('the newest entry of a type is looked for from the end, page by page', async () => {
  const entry = { type: 'rules.changed', seq: 3 };
  const pages = [{ Items: [], LastEvaluatedKey: { chain: 'all', seq: 9 } }, { Items: [{ entry }] }];
  const asked: unknown[] = [];
  const send = async ({ input }: { input: { ScanIndexForward: boolean; ExclusiveStartKey?: unknown } }) => {
    asked.push([input.ScanIndexForward, input.ExclusiveStartKey]);
    return pages.shift();
  };
  const find = makeNewestEntry({ client: { send } as never, table: 'ledger', tenant: 'all' });
  expect(await find('rules.changed')).toEqual(entry);
  expect(asked).toEqual([
    [false, undefined],
    [false, { chain: 'all', seq: 9 }],
  ]);
});
