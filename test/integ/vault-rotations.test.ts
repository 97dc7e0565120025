import { randomBytes } from 'node:crypto';
import { makeOpenBao, OpenBaoRefusedError } from '../../lambdas/rotation/openbao/client';
import { makeOpenBaoJournal } from '../../lambdas/rotation/openbao/journal';
import { openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeOpenBaoStore } from '../../lambdas/rotation/openbao/store';
import { makeVaultApprole } from '../../lambdas/rotation/strategies/vault-approle';
import { makeVaultKv } from '../../lambdas/rotation/strategies/vault-kv';
import { sha256Hex } from '../../lambdas/shared/digest';
import { makeRole } from '../support/approle';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';
import { expectUnnoticed, makeRotationUnderFaults, type OpenPlace } from '../support/rotation-under-faults';

let server: OpenBaoServer;
beforeAll(async () => {
  server = await startOpenBao();
}, 120_000);
afterAll(() => server?.stop());

const mount = () => openKvEntries(server.root, 'secret');

/** Everything of the trial is in OpenBao: the credential, its labels, and the journal. */
const inOpenBao =
  (id: string): OpenPlace =>
  async (value, tags) => {
    await server.root.call('POST', `secret/data/${id}`, { data: JSON.parse(value) });
    await server.root.call('POST', `secret/metadata/${id}`, { custom_metadata: tags });
    const entries = await mount();
    const store = makeOpenBaoStore(entries);
    return {
      id,
      store,
      journal: makeOpenBaoJournal(entries),
      bearing: async (label) => {
        const version = (await store.describe(id)).labels[label];
        return new Map(version === undefined ? [] : [[version, await store.read(id, version)]]);
      },
    };
  };

test('rotations of an AppRole: no consumer notices, each converges, and no secret-id is left over', async () => {
  const trial = await makeRotationUnderFaults(
    {
      // A machine that is busy with other tests is no fault that is meant here.
      strategy: makeVaultApprole((options) => makeOpenBao({ ...options, timeoutMs: 60_000 })),
      value: await makeRole(server, 'checkout'),
      signIn: async (value) => {
        const { role_id, secret_id } = JSON.parse(value);
        await server.root.as(undefined).call('POST', 'auth/approle/login', { role_id, secret_id });
      },
      isRefused: (error) => error instanceof OpenBaoRefusedError,
    },
    inOpenBao('apps/checkout'),
  );
  await expectUnnoticed('vault-approle', trial);
  const ids = await server.root.call('LIST', 'auth/approle/role/checkout/secret-id');
  expect((ids as { data: { keys: string[] } }).data.keys).toHaveLength(1);
}, 3_600_000);

test('rotations of an API key: no consumer notices, each converges, and one digest is accepted in the end', async () => {
  const key = randomBytes(32).toString('base64url');
  const path = 'services/billing/accepted';
  await server.root.call('POST', `secret/data/${path}`, { data: { accepted: [sha256Hex(key)] } });
  const entries = await mount();
  const accepted = async () => (await entries.read(path))?.fields.accepted as string[];
  class KeyRefusedError extends Error {}
  const trial = await makeRotationUnderFaults(
    {
      strategy: makeVaultKv(entries),
      value: JSON.stringify({ key, accepted_at: path }),
      signIn: async (value) => {
        if (!(await accepted()).includes(sha256Hex(JSON.parse(value).key))) throw new KeyRefusedError();
      },
      isRefused: (error) => error instanceof KeyRefusedError,
    },
    inOpenBao('services/billing/key'),
  );
  await expectUnnoticed('vault-kv', trial);
  expect(await accepted()).toHaveLength(1);
}, 3_600_000);
