import { readCheckpoint, splitNotes } from '../../../cli/ledger/signed-checkpoint';
import { type TenantReport, type Trust, verifyExport } from '../../../cli/ledger/verify-export';
import { sampleKey } from '../../../scripts/bench/sample-ledger';
import {
  type ExportedTenant,
  exportedTenant,
  inMemory,
  noteAt,
  rehashedFrom,
  signer,
  trust,
} from '../../support/ledger-export';

const tenant = 'tenant-a';
const whole = exportedTenant(tenant, 12, [4, 10]);
const { lines, notes } = whole;

const verify = (given: Partial<ExportedTenant>, by: Partial<Trust> = {}): TenantReport => {
  const [report] = verifyExport(inMemory({ [tenant]: { ...whole, ...given } }), { ...trust, ...by });
  if (!report) throw new Error('There is no report.');
  return report;
};
const firstBreak = (given: Partial<ExportedTenant>, by: Partial<Trust> = {}) => verify(given, by).breaks[0];
const kept = (note: string, by = trust) => readCheckpoint(note, 'The checkpoint that you kept', by);
const put = (at: number, ...more: string[]) => [...lines.slice(0, at), ...more, ...lines.slice(at)];
const without = (...seqs: number[]) => lines.filter((_, index) => !seqs.includes(index + 1));

test('what nobody touched is whole, and says what is signed', () => {
  expect(verify({})).toEqual({
    tenant,
    verdict: 'whole',
    entries: 12,
    lastAt: '2026-01-01T00:00:11.000Z',
    signedSize: 10,
    checkpoints: 2,
    witnesses: [],
    breaks: [],
  });
});

test('without a checkpoint nothing is proven', () => {
  expect(verify({ notes: {} })).toMatchObject({
    verdict: 'unsigned',
    entries: 12,
    signedSize: 0,
    breaks: [],
  });
  expect(verify({ notes: {}, lines: [] })).toMatchObject({ verdict: 'unsigned', entries: 0 });
});

test.each<[what: string, given: Partial<ExportedTenant>, kind: string, seq: number | null, says: string]>([
  [
    'a change',
    { lines: lines.with(4, (lines[4] ?? '').replace('person:4', 'person:5')) },
    'changed',
    5,
    'Entry 5 (line 5) does not have the hash that it names',
  ],
  [
    'a deletion',
    { lines: without(5) },
    'deleted',
    5,
    'Line 5 is entry 6, where entry 5 belongs: entry 5 was deleted',
  ],
  ['several deletions', { lines: without(5, 6, 7) }, 'deleted', 5, 'entries 5 to 7 were deleted'],
  [
    'another order',
    { lines: [...without(5), lines[4] ?? ''] },
    'reordered',
    5,
    'Entry 5 belongs on line 5 and stands on line 12',
  ],
  [
    'a line twice',
    { lines: put(5, lines[4] ?? '') },
    'repeated',
    6,
    'Line 6 is entry 5, which stands before it',
  ],
  [
    'the end cut off',
    { lines: lines.slice(0, 9) },
    'truncated',
    10,
    'signs 10 entries, and here the chain ends after 9',
  ],
  ['everything cut off', { lines: [] }, 'truncated', 1, 'the chain ends after 0'],
  [
    'a tail hashed anew',
    { lines: rehashedFrom(lines, 6, (event) => ({ ...event, actor: 'mallory' })) },
    'rewritten',
    5,
    'at least one of the entries 5 to 10 was replaced',
  ],
  [
    'a line of another tenant',
    { lines: [...lines, exportedTenant('tenant-b', 1, []).lines[0] ?? ''] },
    'foreign',
    13,
    'tenant-b',
  ],
  ['an empty line', { lines: put(3, '') }, 'changed', 4, 'it is empty'],
  ['no JSON', { lines: put(3, '{"secret') }, 'changed', 4, 'it is not JSON'],
  [
    'other bytes of the same',
    { lines: lines.with(2, ` ${lines[2]}`) },
    'changed',
    3,
    'not the canonical JSON',
  ],
  [
    'another field',
    { lines: lines.with(2, (lines[2] ?? '').replace(/}$/, ',"x":1}')) },
    'changed',
    3,
    'there are others',
  ],
  [
    'a field less',
    { lines: lines.with(2, (lines[2] ?? '').replace(/,"type":"[^"]*"/, '')) },
    'changed',
    3,
    '"type" is missing',
  ],
  [
    'an id twice',
    { lines: rehashedFrom(lines, 12, (event) => ({ ...event, id: 'decision.made:2' })) },
    'repeated',
    12,
    'tells what entry 3 told already',
  ],
  [
    'a checkpoint by another key',
    { notes: { ...notes, ...noteAt(tenant, lines, 11, sampleKey(signer.key.name)) } },
    'unsigned',
    null,
    'has no signature by the key',
  ],
  [
    'a checkpoint that was changed',
    { notes: { ...notes, '000000000010.txt': (notes['000000000010.txt'] ?? '').replace('\n10\n', '\n9\n') } },
    'unsigned',
    null,
    'is not by its key',
  ],
  [
    'a checkpoint under another size',
    { notes: { ...notes, '000000000011.txt': notes['000000000010.txt'] ?? '' } },
    'misplaced',
    null,
    'is of 10 entries of tenant-a',
  ],
  [
    'a checkpoint of another tenant',
    { notes: { ...notes, ...noteAt('tenant-b', lines, 11) } },
    'misplaced',
    null,
    'of tenant-b',
  ],
])('%s is found and explained', (_, given, kind, seq, says) => {
  expect(firstBreak(given)).toMatchObject({ kind, seq, message: expect.stringContaining(says) });
  expect(verify(given).verdict).toBe('broken');
});

test('no line of what is broken is shown', () => {
  const report = verify({ lines: ['{"hunter2', ...lines] });
  expect(JSON.stringify(report)).not.toContain('hunter2');
});

test('two histories that one key signed are a fork, whichever of them is here', () => {
  const other = rehashedFrom(lines, 3, (event) => ({ ...event, actor: 'mallory' }));
  const [note = ''] = Object.values(noteAt(tenant, other, 10));
  expect(verify({}, { kept: [kept(note)] }).breaks.map(({ kind }) => kind)).toEqual(['rewritten', 'forked']);
});

test('entries and checkpoints that were both cut off are missed by who kept one', () => {
  const cut = { lines: lines.slice(0, 5), notes: noteAt(tenant, lines, 4) };
  expect(verify(cut).verdict).toBe('whole');
  const [note = ''] = Object.values(noteAt(tenant, lines, 10));
  expect(firstBreak(cut, { kept: [kept(note)] })).toMatchObject({
    kind: 'truncated',
    message: expect.stringContaining('The checkpoint that you kept signs 10 entries'),
  });
});

test('a tenant of whom somebody kept a checkpoint is missed, and the others are checked', () => {
  const other = exportedTenant('tenant-b', 3, [3]);
  const [note = ''] = Object.values(notes);
  const reports = [...verifyExport(inMemory({ 'tenant-b': other }), { ...trust, kept: [kept(note)] })];
  expect(reports.map(({ tenant: name, verdict }) => [name, verdict])).toEqual([
    [tenant, 'broken'],
    ['tenant-b', 'whole'],
  ]);
  expect(reports[0]?.breaks[0]?.message).toContain('the export holds nothing of this tenant');
});

test('tenants that were swapped are both found', () => {
  const other = exportedTenant('tenant-b', 12, [4, 10]);
  const reports = [...verifyExport(inMemory({ [tenant]: other, 'tenant-b': whole }), trust)];
  expect(reports.map(({ verdict, breaks: [first] }) => [verdict, first?.kind])).toEqual([
    ['broken', 'foreign'],
    ['broken', 'foreign'],
  ]);
});

test('a witness has cosigned, or is missed', () => {
  const [seen, unseen] = [sampleKey('witness.example', 'witness'), sampleKey('other.example', 'witness')];
  const cosigned = { notes: { ...notes, ...noteAt(tenant, lines, 4, signer, [seen]) } };
  expect(verify(cosigned, { witnesses: [seen.key] })).toMatchObject({
    verdict: 'whole',
    witnesses: [{ name: 'witness.example', size: 4 }],
  });
  expect(firstBreak(cosigned, { witnesses: [unseen.key] })).toMatchObject({
    kind: 'unsigned',
    message: 'No checkpoint is cosigned by the witness other.example.',
  });
});

test('a checkpoint of another origin is none of this ledger', () => {
  const [note = ''] = Object.values(noteAt('../etc', lines, 4));
  expect(() => kept(note)).toThrow('is no log of orchestrator.example.com/test');
});

test('notes that were put into one file come apart again', () => {
  const all = [...Object.values(notes), ...Object.values(noteAt('tenant-b', lines, 3))];
  expect(splitNotes(all.join(''))).toEqual(all);
  expect(splitNotes('')).toEqual([]);
});
