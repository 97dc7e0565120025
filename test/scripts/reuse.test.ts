import { startableWorkflows } from '../../lambdas/begin-run/startable/workflows';
import { reuse, reusePage } from '../../scripts/reuse';

const shares = reuse();

test('every workflow that people start is counted, and no more of it is re-used than there is', () => {
  expect(shares.map(({ workflow }) => workflow).sort()).toEqual(Object.keys(startableWorkflows).sort());
  for (const { states, blocks, steps, lines } of shares)
    for (const { reused, total } of [states, blocks, steps, lines]) expect(reused).toBeLessThanOrEqual(total);
});

test('database-provisioning has no function of its own', () => {
  const { steps, states } = shares.find(({ workflow }) => workflow === 'database-provisioning') ?? {};
  expect(steps?.total).toBeGreaterThan(5);
  expect(steps?.reused).toBe(steps?.total);
  // It says itself what its run is called and hands its input on.
  expect((states?.total ?? 0) - (states?.reused ?? 0)).toBeGreaterThan(0);
});

test('the page keeps what stands around its table', () => {
  const [text = ''] = Object.values(reusePage());
  expect(text).toMatch(/^# Database provisioning/);
  expect(text.match(/<!-- reuse -->/g)).toHaveLength(1);
  expect(text).toContain('| `database-provisioning` |');
});
