import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inventory, type StackTemplate } from './aws-resources/inventory';
import { type Environments, resourcesPage } from './aws-resources/page';
import { exitWith } from './exit-with';

const root = resolve(__dirname, '..');
const page = join(root, 'docs/aws-resources.md');
const suffix = '.template.json';

/** The stacks of an environment as `npm run check` and `npm run resources` synthesize them, in the order of deployment. */
const stacksOf = (environment: string): StackTemplate[] => {
  const folder = join(root, `.build/cdk-${environment}`);
  const order = ['network', 'data', 'orchestrator', 'observability'];
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => ({
      stack: name.slice(0, -suffix.length).replace(`orchestrator-${environment}-`, ''),
      resources: JSON.parse(readFileSync(join(folder, name), 'utf8')).Resources as StackTemplate['resources'],
    }))
    .sort((one, other) => order.indexOf(one.stack) - order.indexOf(other.stack));
};

/** Writes the page of resources; with `--check` only says whether the written one is fresh. */
const main = async (): Promise<number> => {
  const all: Environments = Object.fromEntries(
    ['poc', 'prod'].map((environment) => [environment, inventory(stacksOf(environment))]),
  );
  const text = resourcesPage(all);
  if (!process.argv.includes('--check')) {
    writeFileSync(page, text);
    return 0;
  }
  if (readFileSync(page, 'utf8') === text) return 0;
  process.stderr.write(
    'docs/aws-resources.md is out of date. Run `npm run resources` and commit the result.\n',
  );
  return 1;
};

exitWith(main);
