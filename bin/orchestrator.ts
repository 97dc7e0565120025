import { App, RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { InvalidConfigurationError, loadEnvironment } from '../lib/config/load-environment';
import { OperationDefaults } from '../lib/constructs/operation-defaults';
import { dropUnsupported } from '../lib/emulator-gaps';
import { DataStack } from '../lib/stacks/data-stack';
import { NetworkStack } from '../lib/stacks/network-stack';

/** A mistake in the configuration is one sentence, not a stack trace. */
const configuration = () => {
  try {
    return loadEnvironment(app.node.tryGetContext('env'), app.node.tryGetContext('local'));
  } catch (error) {
    if (!(error instanceof InvalidConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
};

const app = new App();
const config = configuration();
const env = { region: config.region };
const stackId = (part: string): string => `orchestrator-${config.name}-${part}`;

OperationDefaults.set(app, {
  logRetention: config.logRetentionDays as RetentionDays,
  logRemoval: config.data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  tracing: config.tracing,
});
Tags.of(app).add('application', 'orchestrator');
Tags.of(app).add('environment', config.name);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

const network = new NetworkStack(app, stackId('network'), { env, config });
new DataStack(app, stackId('data'), { env, config });
if (config.emulated) dropUnsupported(app);
process.stderr.write(`Egress: ${network.egressSummary}.\n`);
