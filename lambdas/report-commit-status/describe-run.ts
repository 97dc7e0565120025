import { endRunOutput } from '../end-run/contract';
import type { Reported } from '../shared/github-store';
import { plainText } from '../shared/plain-text';
import type { RunRecord } from '../shared/run-record';

type Said = Pick<Reported, 'state' | 'description'>;

const said = (state: Said['state'], description: string): Said => ({ state, description });

export const saidOnTheWay: Readonly<Record<'started' | 'waiting' | 'decided', Said>> = {
  started: said('pending', 'Planning'),
  waiting: said('pending', 'Planned; waiting for approval'),
  decided: said('pending', 'Decided; the run goes on'),
};

export const failedWith = (error: string): Said =>
  said('failure', `Failed: ${plainText(error, 80)}. The run says more`);

/**
 * How a run ended, in a line for everybody who may read the repository: numbers and the error's name, never its
 * message, a person or a value.
 */
export const saidAtTheEnd = ({ outcome, result }: Pick<RunRecord, 'outcome' | 'result'>): Said => {
  const { data: end } = endRunOutput.safeParse(result);
  const changes = end?.summary
    ? `${end.summary.add} to create, ${end.summary.change} to change, ${end.summary.destroy} to destroy`
    : 'its changes';
  switch (outcome) {
    case 'applied':
      return said('success', `Applied: ${changes}`);
    case 'previewed':
      return said('success', changes);
    case 'unchanged':
      return said('success', 'Nothing to change');
    case 'rejected':
      return said('failure', `Rejected: ${changes}`);
    case 'expired':
      return said('failure', 'Nobody decided in time; nothing was touched');
    default:
      return failedWith(end?.error?.name ?? 'RunBrokeError');
  }
};
