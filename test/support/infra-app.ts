import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { dev } from '../../lib/config/environments/dev';
import { local } from '../../lib/config/environments/local';
import { poc } from '../../lib/config/environments/poc';
import { prod } from '../../lib/config/environments/prod';
import { parseEnvironment } from '../../lib/config/load-environment';
import { type EnvironmentConfig, type EnvironmentInput, localPlatform } from '../../lib/config/schema';
import { NagChecks } from '../../lib/constructs/nag-checks';

const { context } = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

/** An app with the feature flags of the real one. */
export const infraApp = (): App => new App({ context });

const inputs = { local: local(localPlatform.parse({})), dev, poc, prod };

/** One of the committed environments, changed where a test says so. */
export const environment = (
  name: keyof typeof inputs,
  change: (input: EnvironmentInput) => EnvironmentInput = (input) => input,
): EnvironmentConfig => parseEnvironment(change(structuredClone(inputs[name])));

/** What cdk-nag finds, one line per finding. */
export const findings = (app: App): string[] => {
  for (const stack of app.node.findAll().filter(Stack.isStack)) Template.fromStack(stack);
  return new NagChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );
};
