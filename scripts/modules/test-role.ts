import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootDisposableHost, type DisposableHost } from './disposable-host';
import { documentedCommands, documentedPlaybook } from './documented-commands';
import { type Outcome, outcomeOf } from './outcome';
import { runProgram } from './run-program';

export interface RoleTools {
  /** The repository. */
  readonly root: string;
  readonly baseImageDir: string;
  /** Holds `molecule` and the Ansible that it uses. */
  readonly devBinDir: string;
}

/** What Ansible and Molecule get: nothing of the caller's own configuration. */
const environment = ({ root, devBinDir }: RoleTools, host: DisposableHost): Record<string, string> => ({
  PATH: `${devBinDir}:${process.env.PATH}`,
  HOME: host.folder,
  LC_ALL: 'C.UTF-8',
  NO_COLOR: '1',
  ANSIBLE_NOCOLOR: '1',
  ANSIBLE_HOME: join(host.folder, 'ansible'),
  ANSIBLE_ROLES_PATH: join(root, 'ansible/roles'),
  ANSIBLE_PIPELINING: 'True',
  ANSIBLE_SSH_CONTROL_PATH_DIR: join(host.folder, 'cp'),
  MOLECULE_EPHEMERAL_DIRECTORY: join(host.folder, 'molecule'),
  MODULES_TEST_HOST: host.address,
  MODULES_TEST_PORT: String(host.port),
  MODULES_TEST_USER: host.user,
  MODULES_TEST_KEY: host.identityFile,
  MODULES_TEST_KNOWN_HOSTS: host.knownHostsFile,
});

/** Writes the inventory that a README's command names. */
const writeInventory = async (folder: string, host: DisposableHost): Promise<void> => {
  const ssh = `-F none -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${host.knownHostsFile}`;
  const web = {
    ansible_host: host.address,
    ansible_port: host.port,
    ansible_user: host.user,
    ansible_ssh_private_key_file: host.identityFile,
    ansible_ssh_common_args: ssh,
    ansible_python_interpreter: '/usr/bin/python3',
  };
  await writeFile(join(folder, 'inventory.yml'), JSON.stringify({ all: { hosts: { 'web-1': web } } }));
};

/**
 * Tests one role without the orchestrator, on a machine of its own: the playbook and the command of its README in check
 * mode, then Molecule's scenario: converge, a second time without a change, verify.
 */
export const testRole = (tools: RoleTools, name: string): Promise<Outcome> =>
  outcomeOf('role', name, async () => {
    const role = join(tools.root, 'ansible/roles', name);
    if (!existsSync(join(role, 'molecule/default/verify.yml')))
      throw new Error(
        'The role has no Molecule scenario: molecule/default with converge.yml and verify.yml.',
      );
    const readme = readFileSync(join(role, 'README.md'), 'utf8');
    const host = await bootDisposableHost(tools.baseImageDir);
    try {
      const env = environment(tools, host);
      const place = join(host.folder, 'play');
      await mkdir(place);
      await writeInventory(place, host);
      await writeFile(join(place, 'site.yml'), documentedPlaybook(readme));
      const command = documentedCommands(readme).at(-1) ?? '';
      await runProgram('sh', ['-euc', `${command.replace(/ANSIBLE_ROLES_PATH=\S+ /, '')} --syntax-check`], {
        cwd: place,
        env,
      });
      await runProgram('molecule', ['test'], { cwd: role, env });
      return { result: 'passed', detail: 'converged twice on a real machine, verified' };
    } finally {
      await host.destroy();
    }
  });
