import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { requesterOf, type ScheduleConfig } from '../config/schedules';
import { allowSending } from './access';
import { DeadLetterQueue } from './dead-letter-queue';
import type { Workflow } from './workflow';

export interface SchedulesProps {
  readonly schedules: readonly ScheduleConfig[];
  /** Those that begin runs. */
  readonly workflows: readonly Workflow[];
}

const starting = ({ stateMachineArn }: IStateMachine): PolicyStatement =>
  new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] });

/**
 * Starts workflows by the clock. Each start has the name of what Scheduler calls its execution, so that a start that is
 * delivered again, or replayed from the dead letters, is the same run. A role starts one workflow, for this group alone.
 *
 * @throws Error at synth when a schedule names no workflow that begins a run
 */
export class Schedules extends Construct {
  /** The starts that failed for an hour. `undefined`: nothing is scheduled. */
  readonly deadLetters: DeadLetterQueue | undefined;
  /** As whom runs are started. */
  readonly roles: readonly IRole[];

  constructor(scope: Construct, id: string, { schedules, workflows }: SchedulesProps) {
    super(scope, id);
    if (schedules.length === 0) {
      this.roles = [];
      return;
    }
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters');
    const group = new ScheduleGroup(this, 'Group');
    const roles = new Map<string, Role>();
    for (const { id: name, workflow, cron, rate, timezone, input, enabled } of schedules) {
      const started = workflows.find((one) => one.name === workflow);
      if (!started) throw new Error(`Schedule ${name}: no workflow ${workflow} begins a run.`);
      const role = roles.get(workflow) ?? this.roleFor(started, group, deadLetters);
      roles.set(workflow, role);
      new Schedule(this, `Schedule-${name}`, {
        scheduleGroup: group,
        description: `${name}: starts ${workflow}`,
        enabled,
        schedule: ScheduleExpression.expression(
          cron === undefined ? `rate(${rate})` : `cron(${cron})`,
          TimeZone.of(timezone),
        ),
        target: new Universal({
          service: 'sfn',
          action: 'startExecution',
          input: ScheduleTargetInput.fromObject({
            StateMachineArn: started.stateMachine.stateMachineArn,
            Name: `${name}-${ContextAttribute.executionId}`,
            Input: JSON.stringify({ ...input, requestedBy: requesterOf(name) }),
          }),
          role: role.withoutPolicyUpdates(),
          policyStatements: [starting(started.stateMachine)],
          deadLetterQueue: deadLetters,
          maxEventAge: Duration.hours(1),
          retryAttempts: 20,
        }),
      });
    }
    this.deadLetters = deadLetters;
    this.roles = [...roles.values()];
  }

  private roleFor(
    { name, stateMachine }: Workflow,
    group: ScheduleGroup,
    deadLetters: DeadLetterQueue,
  ): Role {
    const role = new Role(this, `Role-${name}`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': group.scheduleGroupArn,
          },
        },
      }),
      description: `Starts ${name} by schedule`,
    });
    role.addToPolicy(starting(stateMachine));
    allowSending(role, deadLetters);
    return role;
  }
}
