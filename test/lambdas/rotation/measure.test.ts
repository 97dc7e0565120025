import { measureRotation } from '../../../lambdas/rotation/measure';
import type { RotationEvent } from '../../../lambdas/rotation/rotation-event';

const event: RotationEvent = {
  type: 'credential.rotation-promoted',
  credential: 'orchestrator-prod/workspaces/acme/web-01/orders',
  strategy: 'postgresql-alternating-users',
  owner: 'team-orders',
  version: 'v2',
  runId: 'run-7',
  begunAt: '2026-11-21T09:00:00.000Z',
  at: '2026-11-21T09:00:01.500Z',
  attempt: 1,
  error: null,
};
const measured = (over: Partial<RotationEvent> = {}) => {
  const lines: string[] = [];
  measureRotation((line) => lines.push(line), { ...event, ...over });
  return lines.map((line) => JSON.parse(line));
};

test.each([
  ['promoted', {}, { RotationSeconds: 1.5 }],
  ['completed', {}, { RotationsCompleted: 1 }],
  ['abandoned', {}, { RotationsFailed: 1 }],
  ['rolled-back', {}, { RotationsFailed: 1 }],
  ['begun', { attempt: 2 }, { RotationsRepeated: 1 }],
] as const)('%s is counted, for all and by strategy, without what it is about', (what, over, values) => {
  const lines = measured({ type: `credential.rotation-${what}`, ...over });
  expect(lines).toEqual([{ _aws: expect.anything(), Strategy: event.strategy, ...values }]);
  expect(lines[0]._aws.CloudWatchMetrics[0].Dimensions).toEqual([[], ['Strategy']]);
  expect(JSON.stringify(lines)).not.toMatch(/acme|orders/);
});

test('a first try and a drain count as nothing', () => {
  expect(measured({ type: 'credential.rotation-begun' })).toEqual([]);
  expect(measured({ type: 'credential.rotation-draining' })).toEqual([]);
});
