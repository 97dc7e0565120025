import type { Change } from './change';

const infrastructure = (change: Change): string => {
  if (!change.plan) return '';
  const { counts, empty, mode } = change.plan;
  if (empty) return `Changes no infrastructure in ${change.workspace}`;
  if (mode === 'destroy') {
    const lost = `${counts.delete} ${counts.delete === 1 ? 'resource' : 'resources'}`;
    return change.compensates
      ? `Destroys what run ${change.runId} created in ${change.workspace}: ${lost}`
      : `Destroys everything in ${change.workspace}: ${lost}`;
  }
  const replaced =
    counts.replace === 0
      ? ''
      : ` (${counts.replace} of each by ${counts.replace === 1 ? 'a replacement' : 'replacement'})`;
  const back = change.compensates ? 'Brings back what was applied before: creates' : 'Creates';
  return `${back} ${counts.create + counts.replace}, changes ${counts.update}, destroys ${counts.delete + counts.replace} in ${change.workspace}${replaced}`;
};

const configuration = ({ playbook }: Change, hosts?: number): string => {
  if (!playbook) return '';
  if (playbook.changed === 0) return `${playbook.role} finds nothing to configure`;
  const where = hosts === undefined ? 'its hosts' : `${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
  return `configures ${where} with ${playbook.role}`;
};

/** What a change does in the words of people, e.g. `Creates 1, changes 0, destroys 0 in acme/web-01, then …`. */
export const describeChange = (change: Change, hosts?: number): string => {
  const script = change.script ? `runs the script ${change.script.name} for ${change.workspace}` : '';
  const parts = [infrastructure(change), configuration(change, hosts), script].filter((part) => part !== '');
  const text = parts.join(', then ').replace(/, then (\S+ finds nothing)/, '; $1');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** An instant for people, e.g. `3 Nov 2026, 09:05 UTC`; rounded down, so that a deadline is never shown later than it is. */
export const utc = (iso: string): string => {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return 'an unknown time';
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
};

/** The time left, e.g. `in 23 h`, rounded down. */
export const timeLeft = (untilIso: string, now: Date): string => {
  const seconds = Math.floor((Date.parse(untilIso) - now.getTime()) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds < 60) return `in ${seconds} s`;
  if (seconds < 3600) return `in ${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `in ${Math.floor(seconds / 3600)} h`;
  return `in ${Math.floor(seconds / 86400)} days`;
};
