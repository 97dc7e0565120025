import { policyView } from '../../lambdas/approval-pages/policy-view';
import { aPlan } from '../support/change-fixtures';

const reason = {
  rule: 'stateful_loss',
  address: 'aws_db_instance.orders',
  message: 'it keeps data, and this replaces it',
  verdict: 'stricter-gate' as const,
};

test('says that the policy has no objection', () => {
  expect(String(policyView(aPlan.policy))).toContain('no objection');
});

test('gives every reason with its resource and rule, and says how many are not listed', () => {
  const page = String(policyView({ ...aPlan.policy, verdict: 'stricter-gate', reasons: [reason], total: 3 }));
  expect(page).toContain('for 3 reasons');
  expect(page).toContain('<code>aws_db_instance.orders</code>: it keeps data, and this replaces it');
  expect(page).toContain('stateful_loss');
  expect(page).toContain('And 2 more');
});

test('a reason that would draw something else is shown as what it is', () => {
  const drawn = { ...reason, message: '<b>nothing</b>\u202e', address: '<script>' };
  const page = String(policyView({ ...aPlan.policy, verdict: 'stricter-gate', reasons: [drawn], total: 1 }));
  expect(page).not.toMatch(/<b>|<script>|\u202e/);
});
