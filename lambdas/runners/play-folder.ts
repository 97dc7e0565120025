import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Host, Variables } from '../shared/contract';
import { writeContent } from './content';
import type { RoleContent } from './role-content';
import { asUnsafe } from './role-variables';
import type { SshSession } from './ssh-session';

interface PlayFolder {
  readonly folder: string;
  readonly role: RoleContent;
  readonly variables: Variables;
  readonly hosts: readonly Host[];
  /** What the role finds beside the play, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly ssh: SshSession;
}

const configuration = (folder: string, ssh: SshSession): string => `[defaults]
host_key_checking = True
retry_files_enabled = False
interpreter_python = /usr/bin/python3
roles_path = ${folder}/project/roles
collections_path = ${folder}/collections
local_tmp = ${folder}/local
forks = 10
timeout = 15
nocolor = True
[inventory]
enable_plugins = ansible.builtin.yaml
[diff]
always = False
[ssh_connection]
pipelining = True
control_path = ${ssh.controlFolder}/%%C
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s -o IdentityFile=${ssh.keyPath} -o IdentitiesOnly=yes -o IdentityAgent=none -o UserKnownHostsFile=${ssh.knownHostsPath} -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no
`;

const inventory = (hosts: readonly Host[]): string =>
  JSON.stringify({
    all: {
      hosts: Object.fromEntries(
        hosts.map(({ name, address, port, user }) => [
          name,
          {
            ansible_host: address,
            ansible_port: port,
            ansible_user: user,
            ansible_python_interpreter: '/usr/bin/python3',
          },
        ]),
      ),
    },
  });

/** Lays out ansible-runner's private data folder: one play of one role and those it needs, and nothing else that Ansible could find. */
export const writePlayFolder = async ({
  folder,
  role,
  variables,
  hosts,
  files: beside,
  ssh,
}: PlayFolder): Promise<void> => {
  const files: Record<string, string | Uint8Array> = {
    ...Object.fromEntries([...beside].map(([name, bytes]) => [`project/files/${name}`, bytes])),
    'ansible.cfg': configuration(folder, ssh),
    'inventory/hosts.json': inventory(hosts),
    'env/extravars': JSON.stringify(asUnsafe(variables)),
    // The default of five seconds would delay an interrupt by as much.
    'env/settings': JSON.stringify({ pexpect_timeout: 1, pexpect_use_poll: true, suppress_env_files: true }),
    'project/play.yml': JSON.stringify([
      { name: role.name, hosts: 'all', become: true, gather_facts: false, roles: [role.name] },
    ]),
  };
  for (const [path, text] of Object.entries(files)) {
    await fs.mkdir(join(folder, path, '..'), { recursive: true, mode: 0o700 });
    await fs.writeFile(join(folder, path), text, { mode: 0o600 });
  }
  for (const content of role.roles)
    await writeContent(content, join(folder, 'project', 'roles', content.name));
};
