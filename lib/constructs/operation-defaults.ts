import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

/** How an environment operates its functions, log groups and queues. */
export interface OperationSettings {
  readonly logRetention: RetentionDays;
  /** What becomes of log groups when they leave the stack. */
  readonly logRemoval: RemovalPolicy;
  /** Whether X-Ray traces are recorded. */
  readonly tracing: boolean;
}

const settings = new WeakMap<IConstruct, OperationSettings>();

/**
 * Settings that hold for a whole subtree, so that they need not be handed to each construct in it.
 *
 * @default logs kept for one month and removed with the stack, tracing on
 */
export const OperationDefaults = {
  set: (scope: IConstruct, value: OperationSettings): void => {
    settings.set(scope, value);
  },
  of: (scope: IConstruct): OperationSettings =>
    scope.node.scopes.reverse().flatMap((one) => settings.get(one) ?? [])[0] ?? {
      logRetention: RetentionDays.ONE_MONTH,
      logRemoval: RemovalPolicy.DESTROY,
      tracing: true,
    },
};
