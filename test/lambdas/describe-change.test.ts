import { describeChange } from '../../lambdas/shared/describe-change';
import { aChange } from '../support/gate';

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
