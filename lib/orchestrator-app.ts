import { type App, RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EnvironmentConfig } from './config/schema';
import { NagChecks } from './constructs/nag-checks';
import { OperationDefaults } from './constructs/operation-defaults';
import { RoleBoundary } from './constructs/role-boundary';
import { dropUnsupported } from './emulator-gaps';
import { DataStack } from './stacks/data-stack';
import { NetworkStack } from './stacks/network-stack';
import { ObservabilityStack } from './stacks/observability-stack';
import { OrchestratorStack } from './stacks/orchestrator-stack';
import { RotationStack } from './stacks/rotation-stack';

/** The stacks of one environment. */
export interface OrchestratorApp {
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly rotation: RotationStack;
  readonly orchestrator: OrchestratorStack;
  readonly observability: ObservabilityStack;
}

/** What holds for everything in the app: how it is operated, tagged and checked, and what the emulator lacks. */
export const prepareApp = (app: App, config: EnvironmentConfig): void => {
  OperationDefaults.set(app, {
    logRetention: config.logRetentionDays as RetentionDays,
    logRemoval: config.data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    tracing: config.tracing,
  });
  Tags.of(app).add('application', 'orchestrator');
  Tags.of(app).add('environment', config.name);
  Validations.of(app).addPlugins(new NagChecks(app));
  if (config.emulated) dropUnsupported(app);
};

/** Makes and connects the stacks `orchestrator-<environment>-<part>`. */
export const makeOrchestratorApp = (app: App, config: EnvironmentConfig): OrchestratorApp => {
  prepareApp(app, config);
  // A template may have one megabyte, and every workflow stands in one.
  const common = { env: { region: config.region }, config, suppressTemplateIndentation: true };
  const id = (part: string): string => `orchestrator-${config.name}-${part}`;
  const network = new NetworkStack(app, id('network'), common);
  const data = new DataStack(app, id('data'), common);
  const rotation = new RotationStack(app, id('rotation'), { ...common, network, stores: data });
  const orchestrator = new OrchestratorStack(app, id('orchestrator'), {
    ...common,
    network,
    rotation,
    stores: data,
  });
  const { stateMachines, deadLetterQueues } = orchestrator;
  const functions = { ...orchestrator.functions, ...rotation.functions };
  const observability = new ObservabilityStack(app, id('observability'), {
    ...common,
    stateMachines,
    functions,
    deadLetterQueues,
  });
  // The network's own custom resource empties the default security group.
  const duties = {
    ...orchestrator.duties,
    infrastructure: [network, ...orchestrator.duties.infrastructure],
  };
  for (const stack of [network, data, rotation, orchestrator, observability])
    new RoleBoundary(stack, 'RoleBoundary', { duties });
  return { network, data, rotation, orchestrator, observability };
};
