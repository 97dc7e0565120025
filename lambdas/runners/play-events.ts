import * as z from 'zod';
import { plainText } from '../shared/plain-text';
import type { PlayDocument } from '../shared/play-document';
import type { Mask } from './masking';

export type PlayedHost = PlayDocument['hosts'][number];
type PlayTask = PlayedHost['tasks'][number];

const diffPart = z.object({
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  before_header: z.string().optional(),
  after_header: z.string().optional(),
  prepared: z.string().optional(),
});
const result = z.looseObject({
  changed: z.boolean().optional(),
  msg: z.unknown().optional(),
  diff: z
    .union([z.array(diffPart), diffPart])
    .optional()
    .catch(undefined),
  results: z.array(z.unknown()).optional().catch(undefined),
});
type Result = z.infer<typeof result>;

/** One event of ansible-runner, as far as it is read. */
export const playEvent = z.object({
  event: z.string(),
  counter: z.number(),
  event_data: z
    .object({
      task: z.string().optional(),
      task_uuid: z.string().optional(),
      task_action: z.string().optional(),
      resolved_action: z.string().optional(),
      host: z.string().optional(),
      ignore_errors: z.boolean().nullish(),
      res: z.unknown().optional(),
    })
    .optional(),
});
export type PlayEvent = z.infer<typeof playEvent>;

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value, null, 1);

/** Lines that differ, between the lines that both texts begin and end with. */
const differingLines = (before: string, after: string): string => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [
    ...a.slice(start, a.length - end).map((line) => `-${line}`),
    ...b.slice(start, b.length - end).map((line) => `+${line}`),
  ].join('\n');
};

const describeDiff = ({ diff, results }: Result): string => {
  const own = (Array.isArray(diff) ? diff : diff ? [diff] : []).map((part) => {
    if (part.prepared) return part.prepared;
    const lines = differingLines(textOf(part.before), textOf(part.after));
    const header = part.after_header ?? part.before_header;
    return lines === '' || header === undefined ? lines : `${header}\n${lines}`;
  });
  const items = (results ?? []).map((item) => describeDiff(result.parse(item ?? {})));
  return [...own, ...items].filter((text) => text.trim() !== '').join('\n');
};

/** Keeps line breaks, of which a diff is made, and nothing else that could draw. */
const shownLines = (text: string, mask: Mask): string =>
  mask(text)
    .slice(0, 7500)
    .split('\n')
    .map((line) => plainText(line.replaceAll('\t', '  '), 500))
    .join('\n')
    .slice(0, 8000);

const messageOf = (value: Result): string => {
  const failedItem = (value.results ?? [])
    .map((item) => result.parse(item ?? {}))
    .find((item) => item.failed);
  const { msg, stderr, module_stderr } = failedItem ?? value;
  return [msg, stderr ?? module_stderr].map(textOf).filter(Boolean).join(' ');
};

const taskOf = (event: PlayEvent, mask: Mask): PlayTask | undefined => {
  const data = event.event_data ?? {};
  const parsed = result.safeParse(data.res ?? {});
  const res: Result = parsed.success ? parsed.data : {};
  const base = {
    name: plainText(mask(data.task ?? ''), 450),
    action: plainText(data.resolved_action ?? data.task_action ?? '', 100),
  };
  switch (event.event) {
    case 'runner_on_ok':
      return res.changed
        ? { ...base, status: 'changed', detail: shownLines(describeDiff(res), mask) }
        : { ...base, status: 'ok', detail: '' };
    case 'runner_on_skipped':
      return { ...base, status: 'skipped', detail: '' };
    case 'runner_on_unreachable':
      return { ...base, status: 'unreachable', detail: shownLines(messageOf(res), mask) };
    case 'runner_on_failed':
      // A task that may fail is not what ends a play; its message stays readable.
      return {
        ...base,
        status: data.ignore_errors ? 'ok' : 'failed',
        detail: shownLines(messageOf(res), mask),
      };
    default:
      return undefined;
  }
};

/** What happened per host, in the order in which it happened. */
export const playedHosts = (
  names: readonly string[],
  events: readonly PlayEvent[],
  mask: Mask,
): PlayedHost[] => {
  const hosts = new Map(names.map((name) => [name, [] as PlayTask[]]));
  for (const event of [...events].sort((a, b) => a.counter - b.counter)) {
    const task = taskOf(event, mask);
    // Ansible's own look at the arguments says nothing unless it fails.
    if (task?.action === 'ansible.builtin.validate_argument_spec' && task.status === 'ok') continue;
    if (task && event.event_data?.host !== undefined) hosts.get(event.event_data.host)?.push(task);
  }
  return [...hosts].map(([name, tasks]) => ({ name, isNew: false, tasks }));
};
