import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Host, Variables } from '../shared/contract';
import { AnsibleError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { type PlayEvent, type PlayedHost, playEvent, playedHosts } from './play-events';
import { writePlayFolder } from './play-folder';
import type { RoleContent } from './role-content';
import type { RunnerDeps, TaskContext } from './runner';
import { openSshSession } from './ssh-session';
import { toolEnvironment } from './tool-environment';
import { runTool } from './tool-process';

interface Play {
  readonly role: RoleContent;
  readonly variables: Variables;
  readonly workspace: string;
  readonly hosts: readonly Host[];
  readonly check: boolean;
  /** What the role finds beside the play, by name. @default none */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

interface Played {
  readonly hosts: PlayedHost[];
  readonly events: readonly PlayEvent[];
}

const readEvents = async (folder: string): Promise<PlayEvent[]> => {
  const names = await fs.readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => /^\d+-[\w-]+\.json$/.test(name) && !name.includes('partial'))
      .map(async (name) => playEvent.parse(JSON.parse(await fs.readFile(join(folder, name), 'utf8')))),
  );
};

const describeFailure = (hosts: readonly PlayedHost[], output: string): string => {
  const failures = hosts.flatMap((host) =>
    host.tasks
      .filter(({ status }) => status === 'failed' || status === 'unreachable')
      .map((task) =>
        task.status === 'unreachable'
          ? `${host.name} cannot be reached (task "${task.name}"): ${task.detail}`
          : `the task "${task.name}" failed on ${host.name}: ${task.detail}`,
      ),
  );
  const text = failures.length > 0 ? failures.slice(0, 3).join('; ') : output.trim().slice(-1000);
  return plainText(text.replace(/\s+/g, ' '), 1500);
};

/**
 * Plays one role on hosts that answer, through ansible-runner.
 *
 * @throws AnsibleError naming host, task and message when a task failed or a host could not be reached.
 */
export const playRole = async (
  deps: Pick<RunnerDeps, 'env' | 'hostAccess'>,
  play: Play,
  { folder, signal, log }: TaskContext,
): Promise<Played> => {
  const { role, variables, workspace, hosts, check, files = new Map() } = play;
  const ssh = await openSshSession({
    folder,
    workspace,
    hosts,
    hostAccess: deps.hostAccess,
    env: deps.env,
    signal,
  });
  try {
    await writePlayFolder({ folder, role, variables, hosts, files, ssh });
    const artifacts = join(folder, 'artifacts', 'play');
    const readOutput = () => fs.readFile(join(artifacts, 'stdout'), 'utf8').catch(() => '');
    log.write(`$ ansible-runner run: role ${role.name}${check ? ' (check)' : ''}\n`);
    let said = '';
    let code: number;
    try {
      ({ code } = await runTool({
        command: 'ansible-runner',
        args: [
          'run',
          folder,
          ...['-p', 'play.yml', '--ident', 'play', '-q'],
          `--cmdline=${check ? '--check --diff' : '--diff'}`,
        ],
        cwd: folder,
        env: {
          ...toolEnvironment(deps.env, folder),
          ANSIBLE_CONFIG: join(folder, 'ansible.cfg'),
          ANSIBLE_HOST_KEY_CHECKING: 'True',
        },
        signal,
        onOutput: (text) => {
          said += text;
        },
        failure: AnsibleError,
      }));
    } finally {
      log.write(`${await readOutput()}${said}`);
    }
    const events = await readEvents(join(artifacts, 'job_events'));
    const played = playedHosts(
      hosts.map(({ name }) => name),
      events,
      log.mask,
    );
    if (code !== 0)
      throw new AnsibleError(
        `The role ${role.name} was not ${check ? 'checked' : 'played'} to its end: ${describeFailure(played, log.mask((await readOutput()) + said))}`,
      );
    return { hosts: played, events };
  } finally {
    ssh.close();
  }
};
