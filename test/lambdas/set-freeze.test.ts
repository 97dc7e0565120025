import { setFreezeInput } from '../../lambdas/set-freeze/contract';
import { makeSetFreeze } from '../../lambdas/set-freeze/set-freeze';
import { sha256Hex } from '../../lambdas/shared/digest';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { makeFreezeStore } from '../../lambdas/shared/freeze-store';
import { recordingLedger } from '../support/recording-ledger';

type Item = Record<string, unknown>;
interface Sent {
  readonly input: { readonly Item?: Item; readonly Key?: { readonly workspace: string } };
}

/** The leases table, as far as the store of freezes uses it. */
const tableOf = () => {
  const items = new Map<string, Item>();
  const client = {
    send: async (command: Sent) => {
      const { Item: put, Key } = command.input;
      if (put) items.set(String(put.workspace), put);
      const found = items.get(Key?.workspace ?? '');
      if (command.constructor.name === 'DeleteCommand') items.delete(Key?.workspace ?? '');
      return command.constructor.name === 'DeleteCommand' ? { Attributes: found } : { Item: found };
    },
  };
  return { items, freezes: makeFreezeStore({ client: client as never, leasesTable: 'leases' }) };
};

const prepare = () => {
  const { freezes, items } = tableOf();
  const ledger = recordingLedger();
  const call = (given: object, at = '2026-01-01T00:00:00.000Z') =>
    makeSetFreeze({ freezes, ledger })({
      executionArn: 'arn:execution:one',
      at,
      input: setFreezeInput.parse({ action: 'freeze', reason: 'Audit week', by: 'sam', ...given }),
    });
  return { freezes, items, ledger, call };
};
const at = (time: string) => new Date(time);

test.each([
  ['all', ['demo/web-01', 'other/db']],
  ['demo', ['demo/web-01']],
  ['demo/web-01', ['demo/web-01']],
])('a freeze of %s holds what it names and nothing else', async (scope, held) => {
  const { freezes, call } = prepare();
  await call({ scope });
  for (const workspace of ['demo/web-01', 'other/db', 'demo2/web-01'])
    expect((await freezes.find(workspace, at('2026-01-02')))?.scope).toBe(
      held.includes(workspace) || scope === 'all' ? scope : undefined,
    );
});

test('a freeze ends at its time, or when it is lifted; lifting what is not there changes nothing', async () => {
  const { freezes, items, ledger, call } = prepare();
  await call({ scope: 'demo', until: '2026-01-02T00:00:00Z' });
  expect(await freezes.find('demo/a', at('2026-01-01T23:59:59Z'))).toMatchObject({
    by: 'sam',
    reason: 'Audit week',
  });
  expect(await freezes.find('demo/a', at('2026-01-02T00:00:01Z'))).toBeUndefined();
  expect(await call({ action: 'unfreeze', scope: 'demo' })).toEqual({ scope: 'demo', freeze: null });
  await call({ action: 'unfreeze', scope: 'demo' });
  expect(items.size).toBe(0);
  expect(ledger.events[0]).toMatchObject({
    type: 'freeze.set',
    tenant: 'demo',
    actor: 'unverified:person:sam',
    data: { scope: 'demo', reasonDigest: sha256Hex('Audit week') },
  });
});

test.each([
  [{ scope: 'demo', until: '2025-12-31T00:00:00Z' }, /lies in the past/],
  [{ scope: 'demo', action: 'unfreeze', until: '2026-12-31T00:00:00Z' }, /ended at once/],
])('refuses %j', async (given, message) => {
  const { items, call } = prepare();
  const refused = call(given);
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow(message);
  expect(items.size).toBe(0);
});
