import { App } from 'aws-cdk-lib';
import { InvalidConfigurationError, loadEnvironment } from '../lib/config/load-environment';
import { makeOrchestratorApp } from '../lib/orchestrator-app';

const app = new App();

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

const { network } = makeOrchestratorApp(app, configuration());
process.stderr.write(`Egress: ${network.egressSummary}.\n`);
