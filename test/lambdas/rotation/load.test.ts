import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dueAt, fractionOf } from '../../../lambdas/rotation/due';
import { type Part, partsOfRotation, simulate } from '../../support/rotation-load';

const credentials = 1000;
/** Requests a second of an account in a region, none of them adjustable. */
const quotas = { reads: 10_000, writes: 50, versions: 50 } as const;
/** At the list price of 0.05 USD for 10,000 requests. */
const dollarsPerRequest = 0.05 / 10_000;

const times = { request: 0.02, target: 0.1, step: 0.05 };
/** What `secret-rotation` does where its input says nothing. */
const { maxConcurrency, spreadSeconds } = { maxConcurrency: 10, spreadSeconds: 0 };
const parts = partsOfRotation(times);
const secretsCalls = ({ calls }: Part): number =>
  calls.filter(({ api }) => !['GetItem', 'PutItem'].includes(api)).length;

const row = async (what: 'rotate' | 'retire', atOnce: number, startWithin: number) => {
  const part = (await parts)[what];
  const { peaks, seconds } = simulate(part, { credentials, atOnce, startWithin }, fractionOf);
  const words = what === 'rotate' ? 'until confirmed' : 'after the overlap';
  return {
    peaks,
    line: `| ${words} | ${atOnce} | ${startWithin} s | ${secretsCalls(part)} | ${peaks.reads} | ${peaks.writes} | ${peaks.versions} | ${seconds} s |`,
  };
};

test('a thousand that are due at once stay within every quota, as the workflow rotates them by default', async () => {
  for (const what of ['rotate', 'retire'] as const) {
    const { peaks } = await row(what, maxConcurrency, spreadSeconds);
    for (const quota of ['reads', 'writes', 'versions'] as const)
      expect([what, quota, peaks[quota] <= quotas[quota]]).toEqual([what, quota, true]);
  }
});

test('without a cap they would not', async () => {
  const { peaks } = await row('rotate', credentials, 0);
  expect(peaks.writes).toBeGreaterThan(quotas.writes);
  expect(peaks.versions).toBeGreaterThan(quotas.versions);
});

test('the page says the figures', async () => {
  const lines = [
    '| part | at once | begins within | requests each | reads/s | writes/s | versions/s | all done after |',
    '|---|---|---|---|---|---|---|---|',
    (await row('rotate', maxConcurrency, 0)).line,
    (await row('retire', maxConcurrency, 0)).line,
    (await row('rotate', 40, 10)).line,
    (await row('retire', 40, 10)).line,
    (await row('rotate', credentials, 0)).line,
  ];
  const { rotate, retire } = await parts;
  const requests = credentials * (secretsCalls(rotate) + secretsCalls(retire));
  const cost = `All ${requests.toLocaleString('en')} requests cost ${(requests * dollarsPerRequest).toFixed(2)} USD.`;
  const page = readFileSync(join(__dirname, '../../../docs/credentials.md'), 'utf8');
  const kept = page.split('<!-- rotation-load -->')[1]?.split('<!-- /rotation-load -->')[0]?.trim();
  expect(kept).toBe([...lines, '', cost].join('\n'));
});

test('a thousand that were made in one moment are not due in one', () => {
  const made = '2026-01-01T00:00:00.000Z';
  const hours = new Map<string, number>();
  for (let index = 0; index < credentials; index++) {
    const hour = dueAt({ id: `credential-${index}`, days: 90 }, made).slice(0, 13);
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  expect(hours.size).toBe(48);
  expect(Math.max(...hours.values())).toBeLessThan(2 * (credentials / 48));
});
