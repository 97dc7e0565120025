import { App, RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { loadEnvironment } from '../lib/config/load-environment';
import { OperationDefaults } from '../lib/constructs/operation-defaults';
import { DataStack } from '../lib/stacks/data-stack';
import { NetworkStack } from '../lib/stacks/network-stack';

const app = new App();
const config = loadEnvironment(app.node.tryGetContext('env'), app.node.tryGetContext('local'));
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
process.stderr.write(`Egress: ${network.egressSummary}.\n`);
