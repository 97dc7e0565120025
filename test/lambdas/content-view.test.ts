import { contentView } from '../../lambdas/approval-pages/content-view';
import { aPlan, aPlaybook, digest } from '../support/change-fixtures';
import { aChange } from '../support/gate';

const from = (upgradedFrom: string | null) => ({ content: { from: 'catalogue' as const, upgradedFrom } });

test('the page says from which content to which a workspace is upgraded, and nothing where it is not', () => {
  const { plan, playbook } = aChange();
  if (!plan || !playbook) throw new Error('the fixture has both');
  const upgraded = contentView({
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
  expect(String(contentView({ plan, playbook }))).not.toContain('Upgrade');
});

test('the page names the repository, the commit and the folder of a module that is not of the catalogue', () => {
  const { plan } = aChange();
  if (!plan) throw new Error('the fixture has it');
  const git = { git: 'https://git.example.com/team/modules.git', commit: 'a'.repeat(40), path: 'queue' };
  const shown = (from: typeof git | 'kept') =>
    String(contentView({ plan: { ...plan, content: { from, upgradedFrom: null } }, playbook: null }));
  expect(shown(git)).toContain(
    `module <code>local-host</code> of ${git.git}, commit <code>${git.commit}</code>, folder <code>queue</code>`,
  );
  expect(shown({ ...git, path: '' })).toContain('its root');
  expect(shown('kept')).toBe('');
});
