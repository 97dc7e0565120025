import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { approvalRules } from '../lambdas/approval-rules/rules-of-this-release';
import { checkWorkflows, readDefinitions } from '../lib/asl/check-workflows';
import type { Progress } from '../local/progress';
import { thisMachine } from '../local/toolchain/machine';
import { ensureOpenTofu } from '../local/toolchain/opentofu';
import { ensureDevTools } from '../local/toolchain/toolchain';
import { approvalDecisionsPage } from './approval/decisions-page';
import { cataloguePages } from './catalogue-pages';
import { readCatalogue } from './catalogue-sources';
import { hostRules, withRulesTable } from './compliance-rules-table';
import { contractSchemas } from './contract-schemas';
import { exitWith } from './exit-with';
import { recordedScans, recordedScansPath } from './modules/recorded-scans';
import { scanModules } from './modules/scan-modules';
import { reusePage } from './reuse';
import { blocksPage, manualPages } from './workflow-docs/blocks-page';
import { withPictures } from './workflow-docs/picture';

const root = join(__dirname, '..');

const progress: Progress = {
  step: (title, run) => {
    process.stderr.write(`${title}\n`);
    return run(() => {});
  },
  line: (text) => void process.stderr.write(`${text}\n`),
};

/** Every generated file, by its path from the root. */
const generate = async (): Promise<Record<string, string>> => {
  const tofu = await ensureOpenTofu(thisMachine(), progress);
  const catalogue = await readCatalogue(root, tofu);
  const digests = Object.fromEntries(
    Object.entries(catalogue.modules).map(([name, { digest }]) => [name, digest]),
  );
  const scans = await recordedScans(root, digests, async () =>
    scanModules(join(root, 'terraform/modules'), (await ensureDevTools(progress)).binDir),
  );
  const compliancePage = 'docs/compliance-check.md';
  const definitions = readDefinitions(join(root, 'workflows'));
  const pages = {
    [recordedScansPath]: `${JSON.stringify(scans, null, 2)}\n`,
    [compliancePage]: withRulesTable(readFileSync(join(root, compliancePage), 'utf8'), hostRules(root)),
    'lambdas/shared/catalogue.generated.json': `${JSON.stringify(catalogue, null, 2)}\n`,
    ...cataloguePages(root, catalogue),
    ...reusePage(),
    'docs/blocks.md': blocksPage(root, checkWorkflows(definitions)),
    'docs/approval-decisions.md': approvalDecisionsPage(approvalRules),
    ...Object.fromEntries(
      Object.entries(contractSchemas()).map(([name, text]) => [`docs/contracts/${name}`, text]),
    ),
  };
  // Pictures stand in pages that others may have a part in, too.
  const pictured = Object.entries({ ...manualPages(root), ...pages }).map(([path, text]) => [
    path,
    withPictures(text, definitions),
  ]);
  return Object.fromEntries(pictured);
};

/** Writes the catalogue, its pages, what Checkov says of modules, the blocks and pictures of workflows, the contracts' schemas and who decides on what; with `--check` only says whether the written ones are fresh. */
const main = async (): Promise<number> => {
  const stale = Object.entries(await generate()).filter(([path, text]) => {
    const target = join(root, path);
    return !existsSync(target) || readFileSync(target, 'utf8') !== text;
  });
  if (process.argv.includes('--check')) {
    for (const [path] of stale)
      process.stderr.write(`${path} is out of date. Run \`npm run generate\` and commit the result.\n`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return 0;
};

exitWith(main);
