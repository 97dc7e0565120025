import { documentedCommands, documentedPlaybook } from '../../../scripts/modules/documented-commands';
import { outcomeOf, outcomeTable } from '../../../scripts/modules/outcome';

test('a table ends with a count, and says why something failed', async () => {
  const passed = await outcomeOf('module', 'box', async () => ({
    result: 'passed',
    detail: 'applied twice',
  }));
  const failed = await outcomeOf('role', 'web', async () => {
    throw new Error('TASK [Install] changed');
  });
  const looked = await outcomeOf('module', 'vm', async () => ({ result: 'checked statically', detail: 'x' }));
  const table = outcomeTable([passed, failed, looked]);
  expect(table).toMatch(/^module {2}box {2}passed +\d\.\d s {2}applied twice$/m);
  expect(table).toContain('── role web ──\nTASK [Install] changed');
  expect(table.split('\n').at(-1)).toBe('1 passed, 1 failed, 1 checked statically');
});

test('finds the commands and the playbook of a README below its heading "Use" alone', () => {
  const readme =
    '# x\n\n```sh\nrm -rf x\n```\n\n## Use\n\n```yaml\n- hosts: all\n```\n\n```sh\ncd x\ntofu apply \\\n  -var a=b\n```\n';
  expect(documentedCommands(readme)).toEqual(['cd x', 'tofu apply    -var a=b']);
  expect(documentedPlaybook(readme)).toBe('- hosts: all\n');
  expect(() => documentedCommands('# x\n')).toThrow('no shell block');
});
