import { makeSendRequest } from '../../../lambdas/channels/send-request';
import { makeAskWitnesses } from '../../../lambdas/checkpoint-ledger/ask-witnesses';
import { makeCheckpointTenant } from '../../../lambdas/checkpoint-ledger/checkpoint-tenant';
import {
  formatVerifierKey,
  parseNote,
  signersOf,
  type VerifierKey,
} from '../../../lambdas/ledger-proof/checkpoint';
import { anEvent, grownBy, makeSigningKey, prepareLog } from '../../support/checkpoint-log';
import { startWitness } from '../../support/tiny-witness';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const prepare = async ({ logs = ['log.example/test/acme'], timeoutMs = 10_000 } = {}) => {
  const { log, deps } = prepareLog();
  const witness = await startWitness(log.key, logs);
  stops.push(witness.stop);
  const silent: string[] = [];
  const cosign = makeAskWitnesses({
    witnesses: [witness.witness],
    sendRequest: makeSendRequest({
      resolve: async () => '127.0.0.1',
      loopback: true,
      timeoutMs,
      maxAnswerBytes: 4096,
    }),
    onSilent: ({ size, reason }) => silent.push(`${size}: ${reason}`),
  });
  const checkpointTenant = makeCheckpointTenant({ ...deps, cosign });
  const growTo = async (size: number): Promise<void> => {
    log.entries = grownBy(log.entries, size - log.entries.length);
    await checkpointTenant('acme');
  };
  const signers = (size: number): VerifierKey[] =>
    signersOf(parseNote(log.published.get(size)?.note ?? ''), [log.key, witness.key]);
  return { log, deps, witness, silent, growTo, signers, checkpointTenant };
};

test('a witness cosigns each checkpoint that follows from the one before', async () => {
  const { log, witness, silent, growTo, signers } = await prepare();
  for (const size of [1, 6, 7, 13]) {
    await growTo(size);
    expect(signers(size)).toEqual([log.key, witness.key]);
  }
  expect(silent).toEqual([]);
  expect(witness.statuses).toHaveLength(4);
});

test('one that was away is told of without holding anything up, and catches up from where it was', async () => {
  const { log, witness, silent, growTo, signers } = await prepare();
  await growTo(3);
  witness.behave('unavailable');
  await growTo(5);
  await growTo(9);
  expect(signers(9)).toEqual([log.key]);
  witness.behave(undefined);
  await growTo(20);
  expect(signers(20)).toEqual([log.key, witness.key]);
  expect(silent).toEqual(['5: it answered 503', '9: it answered 503']);
});

test('one that is new, or saw a checkpoint that was never published, catches up too', async () => {
  const { log, deps, witness, growTo, signers } = await prepare();
  log.entries = grownBy([], 5);
  await makeCheckpointTenant(deps)('acme');
  await growTo(9);
  expect(signers(9)).toEqual([log.key, witness.key]);
  // The step crashed after the witness had signed.
  log.published.delete(9);
  await growTo(12);
  expect(signers(12)).toEqual([log.key, witness.key]);
});

test('a witness sees through a log that was rewritten, even by whoever has its key', async () => {
  const { log, deps, silent, growTo, checkpointTenant } = await prepare();
  await growTo(6);
  log.published.clear();
  log.entries = grownBy([], 6, (n) => ({ ...anEvent(n), actor: 'somebody-else' }));
  await makeCheckpointTenant(deps)('acme');
  log.entries = grownBy(log.entries, 2);
  await checkpointTenant('acme');
  expect(silent).toEqual(['8: it says that the log is not the one that it saw before']);
});

test.each([
  ['lies', 'The signature of witness.example is not by its key.'],
  ['nonsense', 'A line of the note is not a signature.'],
] as const)('a cosignature that is none is left out: %s', async (how, reason) => {
  const { log, witness, silent, growTo, signers } = await prepare();
  witness.behave(how);
  await growTo(2);
  expect(signers(2)).toEqual([log.key]);
  expect(silent).toEqual([`2: ${reason}`]);
});

test('one that does not know the log says so; one that never answers is waited for only so long', async () => {
  const unknown = await prepare({ logs: [] });
  await unknown.growTo(2);
  expect(unknown.silent).toEqual(['2: it does not know this log']);
  const slow = await prepare({ timeoutMs: 100 });
  slow.witness.behave('silent');
  await slow.growTo(2);
  expect(slow.silent).toEqual(['2: Nobody answered within 0.1 s.']);
  expect(slow.signers(2)).toEqual([slow.log.key]);
});

test.each([
  ['1\n', 'it is 299999 entries behind, too many to be proven at once'],
  ['300001\n', 'it saw 300001 entries already'],
  ['many', 'it does not say which size it saw last'],
])('a witness that says it saw %j is not asked again', async (body, reason) => {
  const silent: string[] = [];
  let asked = 0;
  const { key } = makeSigningKey('witness.example', 'witness');
  const cosign = makeAskWitnesses({
    witnesses: [{ name: 'w', url: 'https://witness.example', key: formatVerifierKey(key) }],
    sendRequest: async () => {
      asked += 1;
      return { status: 409, headers: {}, body };
    },
    onSilent: (about) => silent.push(about.reason),
  });
  expect(
    await cosign({ tenant: 'acme', size: 300_000, note: 'note', since: 299_999, prove: async () => [] }),
  ).toEqual([]);
  expect({ asked, silent }).toEqual({ asked: 1, silent: [reason] });
});

test('a ledger that breaks while a proof is made is no witness’s silence', async () => {
  const { log, witness, growTo, checkpointTenant } = await prepare();
  await growTo(3);
  witness.behave('unavailable');
  await growTo(5);
  witness.behave(undefined);
  log.entries = grownBy(log.entries, 2).map((entry) =>
    entry.seq === 4 ? { ...entry, actor: 'somebody-else' } : entry,
  );
  await expect(checkpointTenant('acme')).rejects.toThrow('broken at entry 4');
});
