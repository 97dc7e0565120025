import { clientsIn } from '../../scripts/bench/bundle-sizes';
import { toolSeconds } from '../../scripts/bench/engine';
import { withSection } from '../../scripts/bench/report';
import { describeRotation } from '../../scripts/bench/rotation';
import { median, percentile } from '../../scripts/bench/statistics';

test('a percentile is a sample, the median may lie between two', () => {
  const samples = [4, 1, 3, 2];
  expect(percentile(samples, 0.5)).toBe(2);
  expect(percentile(samples, 0.99)).toBe(4);
  expect(median(samples)).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([7])).toBe(7);
});

test('percentiles of nothing are refused', () => {
  expect(() => percentile([], 0.5)).toThrow('There are no samples.');
});

test('the clients of a bundle are told from the paths of its parts', () => {
  expect(
    clientsIn([
      'lambdas/x/handler.ts',
      '.build/sdk/client-s3-3.1162.0/dist-es/S3Client.js',
      'node_modules/@aws-sdk/client-ec2-instance-connect/dist-es/index.js',
      '.build/sdk/client-s3-3.1162.0/dist-es/commands/GetObjectCommand.js',
      'node_modules/@aws-sdk/core/dist-es/index.js',
    ]),
  ).toEqual(['client-ec2-instance-connect', 'client-s3']);
});

test('what a command of OpenTofu took is read from a log, repetitions added up', () => {
  const log =
    '$ tofu show -json x\n# tofu show took 0.25 s\nout\n# tofu plan took 1.50 s\n# tofu show took 0.50 s\n';
  expect([...toolSeconds(log)]).toEqual([
    ['show', 0.75],
    ['plan', 1.5],
  ]);
});

test('a rotation is judged by its p95, not by its middle', () => {
  const many = (slow: number) => [...Array.from({ length: 18 }, () => 0.5), slow, slow];
  expect(describeRotation({ rotation: many(1.9), run: [3] })).toContain('at p95: met');
  const said = describeRotation({ rotation: many(2.1), run: [3] });
  expect(said).toContain('at p95: **not met**');
  expect(said).toContain('| one rotation (`rotate-secret`) | 20 | 0.50 s | 2.10 s | 2.10 s |');
});

describe('one section of the page', () => {
  const page = '# Benchmarks\n\nIntro.\n\n## One\n\n1\n\n## Two\n\n2\n\n## Where\n\nhere\n';

  test('is replaced where it is, and nothing else changes', () => {
    expect(withSection(page, '## Two\n\nnew\n')).toBe(page.replace('2\n', 'new\n'));
  });

  test('is added before the last when it is new', () => {
    expect(withSection(page, '## Three\n\n3')).toBe(page.replace('## Where', '## Three\n\n3\n\n## Where'));
  });
});
