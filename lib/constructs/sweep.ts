import type { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { StepFunction } from './step-function';

export interface SweepProps {
  readonly step: StepFunction;
  readonly every: Duration;
  readonly description: string;
}

/** Calls a step with `{"sweep": true}` again and again: the repair of whatever an event did not bring. */
export class Sweep extends Construct {
  constructor(scope: Construct, id: string, { step, every, description }: SweepProps) {
    super(scope, id);
    new Schedule(this, 'Schedule', {
      description,
      schedule: ScheduleExpression.rate(every),
      target: new LambdaInvoke(step.function, { input: ScheduleTargetInput.fromObject({ sweep: true }) }),
    });
  }
}
