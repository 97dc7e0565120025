import { describeChange } from '../../lambdas/shared/describe-change';
import { aChange, aScriptChange } from '../support/gate';

const change = aChange();
const withChanges = (changed: number) =>
  change.playbook ? { ...change, playbook: { ...change.playbook, changed } } : change;

test('says what is made and what is configured', () => {
  expect(describeChange(withChanges(3), 1)).toMatch(
    /^Creates \d+, .* in demo\/web-01, then configures 1 host with /,
  );
});

test('does not promise a configuration when the playbook changes nothing', () => {
  expect(describeChange(withChanges(0), 1)).toMatch(/; .* finds nothing to configure\.$/);
});

test('says what a script is run for, alone or after the rest', () => {
  expect(describeChange(aScriptChange())).toBe('Runs the script certificate-expiry for demo/checks.');
  const { script } = aScriptChange();
  expect(describeChange({ ...withChanges(3), script }, 1)).toMatch(
    /, then configures 1 host with web-service, then runs the script certificate-expiry for demo\/web-01\.$/,
  );
});

test('says what is destroyed, and what undoes a failed run', () => {
  const plan = change.plan && {
    ...change.plan,
    mode: 'destroy' as const,
    counts: { create: 0, update: 0, replace: 0, delete: 2 },
  };
  const gone = { ...change, plan, playbook: null };
  expect(describeChange(gone)).toBe('Destroys everything in demo/web-01: 2 resources.');
  expect(describeChange({ ...gone, compensates: 'destroy' })).toBe(
    `Destroys what run ${change.runId} created in demo/web-01: 2 resources.`,
  );
  expect(describeChange({ ...change, compensates: 'restore' })).toMatch(
    /^Brings back what was applied before: creates \d+, /,
  );
});

test('says nothing of a playbook that is not there', () => {
  expect(describeChange({ ...change, playbook: null })).toMatch(/^Creates 1, .* in demo\/web-01\.$/);
});
