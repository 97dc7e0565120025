import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AuditLedger } from './audit-ledger';
import type { Channels } from './channels';
import type { Schedules } from './schedules';
import type { StepFunction } from './step-function';

/** How what lies in a queue gets another chance. */
export type SecondChance =
  /** A message goes back to where it was taken from. */
  | { readonly queue: IQueue }
  /** An event goes to the step that it was for. */
  | { readonly step: StepFunction }
  /** A workflow is started under the name that it would have had. */
  | 'start'
  /** It is only a note: what it tells of is kept elsewhere, or made up for by a sweep. */
  | null;

/** The same, by names that the command line knows what to do with. */
export const placeOf = (again: SecondChance) =>
  again === null || again === 'start'
    ? again
    : 'step' in again
      ? { function: again.step.function.functionName }
      : { queue: again.queue.queueUrl };

/** What could not be delivered: the queue that keeps it, by the name that its alarm has. */
export interface DeadLetters {
  readonly name: string;
  readonly queue: IQueue;
  readonly again: SecondChance;
}

/** Every dead-letter queue there is. */
export const everyDeadLetters = ({
  ledger,
  schedules,
  channels,
  steps,
}: {
  readonly ledger: AuditLedger;
  readonly schedules: Schedules;
  readonly channels: Channels;
  readonly steps: readonly StepFunction[];
}): readonly DeadLetters[] => [
  { name: 'archive-ledger', queue: ledger.deadLetters, again: null },
  ...(schedules.deadLetters
    ? [{ name: 'schedules', queue: schedules.deadLetters, again: 'start' } as const]
    : []),
  ...(channels.routerDeadLetters
    ? [{ name: 'route-events', queue: channels.routerDeadLetters, again: null }]
    : []),
  ...Object.entries(channels.deliveries).map(([name, { deadLetters, queue }]) => ({
    name: name.replace(':', '-'),
    queue: deadLetters,
    again: { queue },
  })),
  ...steps.flatMap((step) =>
    step.deadLetterQueue
      ? [{ name: step.name, queue: step.deadLetterQueue, again: step.isSwept ? null : { step } }]
      : [],
  ),
];
