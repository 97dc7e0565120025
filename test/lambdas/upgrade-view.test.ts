import { upgradeView } from '../../lambdas/approval-pages/upgrade-view';
import { aPlan, aPlaybook, digest } from '../support/change-fixtures';
import { aChange } from '../support/gate';

const from = (upgradedFrom: string | null) => ({ content: { from: 'catalogue' as const, upgradedFrom } });

test('the page says from which content to which a workspace is upgraded, and nothing where it is not', () => {
  const { plan, playbook } = aChange();
  if (!plan || !playbook) throw new Error('the fixture has both');
  const upgraded = upgradeView({
    plan: { ...plan, ...from(digest('9')) },
    playbook: { ...playbook, ...from(digest('8')) },
  });
  const page = String(upgraded);
  expect(page).toContain(
    `module <code>local-host</code> <code>999999999999…</code> → <code>${aPlan.digests.module.slice(0, 12)}…</code>`,
  );
  expect(page).toContain(
    `role <code>web-service</code> <code>888888888888…</code> → <code>${aPlaybook.digests.role.slice(0, 12)}…</code>`,
  );
  expect(String(upgradeView({ plan, playbook }))).not.toContain('Upgrade');
});
