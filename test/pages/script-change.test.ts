import { makeShowApproval } from '../../lambdas/approval-pages/show-approval';
import { makeIdentifyByLink } from '../../lambdas/identity/by-link';
import type { ScriptDocument } from '../../lambdas/shared/script-document';
import { fixedKeys } from '../support/fixed-keys';
import {
  aPending,
  approvalId,
  aScriptChange,
  aScriptDocument,
  inMemoryApprovals,
  key,
  loadChangeOf,
  startedAt,
} from '../support/gate';

/** The page that asks for a decision on a script. */
const renderScript = async (script: ScriptDocument): Promise<string> => {
  const approvals = inMemoryApprovals(aPending());
  const show = makeShowApproval({
    findApproval: approvals.find,
    loadChange: loadChangeOf(aScriptChange(), null, null, script),
    findDelegations: async () => [],
    identify: makeIdentifyByLink({ findPerson: (id) => ({ id, groups: ['approver'] }) }),
    findRun: async () => undefined,
    signingKeys: fixedKeys('s'.repeat(43)),
    now: () => startedAt,
  });
  const { body } = await show({
    method: 'GET',
    pathId: approvalId,
    query: { key },
    headers: {},
    body: Buffer.alloc(0),
  });
  return body;
};

test('a change that is a script alone shows its source, what it is given, and what binds it', async () => {
  const page = await renderScript(aScriptDocument());
  expect(page).toContain('Runs the script certificate-expiry for demo/checks.');
  expect(page).toContain('print(&quot;checked&quot;)');
  expect(page).toContain('[&quot;example.com:443&quot;]');
  expect(page).toMatch(/logo\.bin<\/code>: no text/);
  expect(page).toMatch(/Script parameters<\/dt>/);
  expect(page).not.toMatch(/<h2>Infrastructure|Saved plan|Module undefined/);
});

test('what a worker cannot take away from a script is said, and nothing else', async () => {
  const weak = await renderScript(aScriptDocument());
  expect(weak).toMatch(/same user as its worker/);
  expect(weak).toMatch(/cannot take it away/);
  const strong = await renderScript({
    ...aScriptDocument(),
    isolation: { user: true, processes: true, network: true },
  });
  expect(strong).not.toMatch(/same user|other processes|the network/);
});

test('no source can leave its place in the page', async () => {
  const page = await renderScript({
    ...aScriptDocument(),
    files: [{ path: 'main.py', text: '</pre><script>alert(1)</script>\n\u202e0 to destroy' }],
  });
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('\u202e');
});
