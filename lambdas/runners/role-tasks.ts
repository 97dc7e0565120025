import { posix } from 'node:path';
import { parse } from 'yaml';
import { AnsibleError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import type { PlayDocument } from '../shared/play-document';
import type { Content } from './content';
import type { RoleContent } from './role-content';

type PlayTask = PlayDocument['hosts'][number]['tasks'][number];

/** Actions that only steer the play or look. */
const steering =
  /^ansible\.builtin\.(?:assert|debug|fail|set_fact|setup|gather_facts|service_facts|package_facts|getent|stat|slurp|find|meta|pause|wait_for|wait_for_connection|include_vars|add_host|group_by)$/;
const including = /^ansible\.builtin\.(?:import|include)_tasks$/;

/** Keywords of a task; the one other key is its action. */
const keywords =
  /^(?:name|when|register|notify|listen|vars|tags|args|become(?:_.*)?|changed_when|failed_when|ignore_errors|ignore_unreachable|no_log|check_mode|diff|delegate_to|delegate_facts|run_once|until|retries|delay|loop|loop_control|with_.*|environment|async|poll|throttle|timeout|connection|module_defaults|any_errors_fatal|collections|debugger|port|remote_user)$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const readTasks = (role: Content, path: string): unknown[] => {
  const file = role.files.get(path);
  if (!file) return [];
  const tasks: unknown = parse(file.toString('utf8'));
  return Array.isArray(tasks) ? tasks : [];
};

const listTasks = (role: Content): PlayTask[] => {
  const list = (tasks: unknown[], depth: number): PlayTask[] =>
    tasks.flatMap((task): PlayTask[] => {
      if (depth > 10) throw new AnsibleError(`The role ${role.name} includes its own tasks without an end.`);
      if (!isRecord(task)) return [];
      const nested = ['block', 'rescue', 'always'].flatMap((key) =>
        Array.isArray(task[key]) ? task[key] : [],
      );
      if (nested.length > 0) return list(nested, depth + 1);
      const action = Object.keys(task).find((key) => !keywords.test(key));
      if (action === undefined || steering.test(action) || task.changed_when === false) return [];
      if (including.test(action)) {
        const given = isRecord(task[action]) ? task[action].file : task[action];
        if (typeof given === 'string' && !given.includes('{{'))
          return list(readTasks(role, posix.join('tasks', given)), depth + 1);
      }
      const name = typeof task.name === 'string' ? task.name : action;
      return [{ name: plainText(name, 450), action: plainText(action, 100), status: 'planned', detail: '' }];
    });
  return [...list(readTasks(role, 'tasks/main.yml'), 0), ...list(readTasks(role, 'handlers/main.yml'), 0)];
};

/**
 * What a role would do on a host that does not exist yet: its tasks and handlers, read from its files, without
 * those that only look. Conditions are not evaluated: each of these could change something.
 */
export const listRoleTasks = ({ roles }: RoleContent): PlayTask[] => roles.flatMap(listTasks);
