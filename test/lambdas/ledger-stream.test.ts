import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { makeArchiveLedger } from '../../lambdas/archive-ledger/archive-ledger';
import { makeLedgerConsumer } from '../../lambdas/shared/ledger-stream';
import { anEntry } from '../support/ledger-entries';

const record = (SequenceNumber: string, item: object): DynamoDBRecord => ({
  dynamodb: { SequenceNumber, NewImage: marshall(item) as never },
});
const records = [
  record('1', { chain: 'demo', seq: 1, entry: anEntry() }),
  record('2', { chain: 'demo', seq: 0, headSeq: 1, headHash: 'x' }),
  record('3', { chain: 'demo#id', seq: 0 }),
  record('4', { chain: 'demo', seq: 2, entry: anEntry({}, 2) }),
];

test('handles entries in their order; heads and markers are none', async () => {
  const handle = jest.fn().mockResolvedValue(undefined);
  await expect(makeLedgerConsumer(handle)({ Records: records })).resolves.toEqual({ batchItemFailures: [] });
  expect(handle.mock.calls).toEqual([[anEntry()], [anEntry({}, 2)]]);
});

test('stops where it fails, so that the stream brings the rest again in order', async () => {
  const handle = jest.fn().mockRejectedValueOnce(new Error('busy'));
  await expect(makeLedgerConsumer(handle)({ Records: records })).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: '1' }],
  });
  expect(handle).toHaveBeenCalledTimes(1);
});

test('an archived entry lies where its place in the chain says', async () => {
  const putLocked = jest.fn().mockResolvedValue(undefined);
  await makeArchiveLedger({ putLocked })(anEntry({}, 12));
  expect(putLocked).toHaveBeenCalledWith(
    'ledger/demo/000000000012.json',
    expect.stringContaining('"seq":12'),
  );
});
