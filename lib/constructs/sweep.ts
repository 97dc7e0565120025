import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
    step.isSwept = true;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [step.function.functionArn] }),
    );
    new Schedule(this, 'Schedule', {
      description,
      schedule: ScheduleExpression.rate(every),
      target: new LambdaInvoke(step.function, {
        // The target would add every version of the function to what the role may call.
        role: role.withoutPolicyUpdates(),
        input: ScheduleTargetInput.fromObject({ sweep: true }),
      }),
    });
  }
}
