import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { toolchain } from '../support/emulator-fixture';

jest.setTimeout(60_000);

describe('what upstream ships', () => {
  const launcher = join(__dirname, '..', '..', 'local', 'emulator', 'launcher.py');
  let report: Record<string, boolean>;
  beforeAll(async () => {
    const { pythonBin } = await toolchain();
    report = JSON.parse(execFileSync(pythonBin, [launcher, '--check'], { encoding: 'utf8' }));
  });

  test.each([
    'node-error-name',
    'node-thrown-error-name',
    'python-error-name',
    'warm-after-error',
    'lambda-error-type',
    'worker-lifeline',
    'worker-group-signal',
    'worker-group-kill',
    'log-end-marker',
    'log-end-detection',
    'history-is-change',
    'start-without-delay',
    'machine-timeout',
    'success-ends-once',
    'failure-ends-once',
    'stop-ends-once',
    'status-event-of-every-end',
    'interruptible-sleep',
    'retry-delay',
    'retry-delay-of-branches',
    'branches-end-with-execution',
    'start-is-idempotent',
    'interrupted-by-restart',
    'parallel-in-jsonata',
    'parallel-output-in-jsonata',
    'nested-execution-in-sync',
    'nested-start-refusal',
    'task-timeout-stops-child',
    'closed-token-success',
    'closed-token-failure',
    'closed-token-heartbeat',
    'token-per-attempt',
    'token-in-attempt',
    'task-limits',
    'callback-start-failure',
    'callback-wait',
    'distributed-map-concurrency-in-jsonata',
    'distributed-map-reader-in-jsonata',
    'distributed-map-selector-in-jsonata',
    'distributed-map-result-in-jsonata',
    'schedule-tick',
    'schedule-due',
    'schedule-target',
  ])('still holds the text that %s replaces', (mend) => {
    expect(report[mend]).toBe(true);
  });

  test('is mended nowhere that this list does not know', () => {
    expect(Object.keys(report)).toHaveLength(43);
  });
});
