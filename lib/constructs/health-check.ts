import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { MailTopic } from './mail-topic';
import type { StepFunction } from './step-function';
import type { Stores } from './stores';

export interface HealthCheckProps {
  readonly stores: Stores;
  /** Whose subscription must be there for a run to reach somebody. */
  readonly topics: readonly MailTopic[];
  readonly stateMachine: IStateMachine;
}

/** `GET /api/health`: describes what the product depends on, and may do nothing else with it. */
export class HealthCheck extends Construct {
  readonly step: StepFunction;
}
