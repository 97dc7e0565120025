import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from '../support/step-functions-jsonata';
import { type Answer, walkWorkflow } from '../support/walk-workflow';

const credential = 'orchestrator-test/workspaces/demo/web-01/orders';
const at = (next: string, more: Record<string, unknown> = {}): Answer => ({
  result: { next, until: null, outcome: null, version: 'v2', ...more },
});
const forward: Record<string, Answer> = {
  Begin: at('create'),
  Create: at('set'),
  Set: at('test'),
  Test: at('promote'),
  Promote: at('confirm'),
  Confirm: at('drain'),
  Drain: at('retire'),
  Retire: at('done', { outcome: 'completed' }),
};
const walk = (given: Record<string, Answer> = {}) =>
  walkWorkflow('rotate-secret', { credential, runId: 'run-1' }, { ...forward, ...given });
const names = (tasks: readonly (readonly [string, unknown])[]) => tasks.map(([name]) => name);

test('a rotation goes through every step, and says which version is current', async () => {
  const { tasks, output } = await walk();
  expect(names(tasks)).toEqual(Object.keys(forward));
  expect(output).toEqual({ credential, outcome: 'completed', version: 'v2' });
});

test('a test that fails abandons, and the run says why', async () => {
  const { tasks, failed } = await walk({
    Test: { raises: 'MissingRightsError' },
    Abandon: at('done', { outcome: 'abandoned' }),
  });
  expect(tasks.at(-1)).toMatchObject(['Abandon', { because: { error: 'MissingRightsError' } }]);
  expect(failed).toBe('RotationAbandonedError');
});

test('a roll back that was interrupted is gone on with, for the reason that was written down', async () => {
  const { tasks } = await walk({
    Begin: at('roll-back'),
    'Roll back': at('done', { outcome: 'rolled-back' }),
  });
  expect(names(tasks)).toEqual(['Begin', 'Roll back']);
  expect(tasks[1]).toMatchObject(['Roll back', { step: 'roll-back', because: null }]);
});

test('what drains longer than the run waits is left with its previous version working', async () => {
  const { tasks, output } = await walk({ Drain: at('drain', { until: '2999-01-01T00:00:00.000Z' }) });
  expect(names(tasks).at(-1)).toBe('Drain');
  expect(output).toMatchObject({ outcome: 'draining' });
});

test('a run that finds another at work looks again when that should be done, and then when it would have died', async () => {
  const { States } = JSON.parse(
    readFileSync(join(__dirname, '../../workflows/rotate-secret.asl.json'), 'utf8'),
  );
  const waits = (turns: number, until: string) =>
    evaluate(States['Wait for the other run'].Timestamp, {
      input: {},
      context: { State: { EnteredTime: '2026-01-01T00:00:00.000Z' } },
      variables: { turns, progress: { until } },
    });
  expect(await waits(1, '2026-01-01T00:03:00.000Z')).toBe('2026-01-01T00:00:15.000Z');
  expect(await waits(1, '2026-01-01T00:00:02.000Z')).toBe('2026-01-01T00:00:02.000Z');
  expect(await waits(2, '2026-01-01T00:03:00.000Z')).toBe('2026-01-01T00:03:00.000Z');
});

test('whoever finds others at work each time gives up, and says so', async () => {
  const busy = at('busy', { until: '2026-01-01T00:03:00.000Z' });
  const { tasks, failed } = await walk({ Begin: busy });
  expect([names(tasks), failed]).toEqual([['Begin', 'Begin', 'Begin', 'Begin'], 'CredentialBusyError']);
});
