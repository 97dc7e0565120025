/** Writes the document of one plan and renders all of its pages, and prints what that took as JSON. */
import { readFileSync } from 'node:fs';
import { changeLinks } from '../../lambdas/approval-pages/change-links';
import { groupPage } from '../../lambdas/approval-pages/changes-page';
import { page } from '../../lambdas/approval-pages/page';
import { pageBudget } from '../../lambdas/approval-pages/page-budget';
import { planView } from '../../lambdas/approval-pages/plan-view';
import { makeMask } from '../../lambdas/runners/masking';
import { plannedItems, sensitiveValues, writePlanDocument } from '../../lambdas/runners/plan-document';
import { planJson } from '../../lambdas/runners/plan-json';
import type { ApprovalView } from '../../lambdas/shared/approval-reader';
import { canonicalJson, sha256Hex } from '../../lambdas/shared/digest';
import { planPage } from '../../lambdas/shared/plan-document';

const mib = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
};
const time = <T>(run: () => T): { ms: number; result: T } => {
  const began = performance.now();
  const result = run();
  return { ms: performance.now() - began, result };
};

const main = async (): Promise<void> => {
  const text = readFileSync(process.argv[2] ?? '', 'utf8');
  const plan = planJson.parse(JSON.parse(text));
  const stored = new Map<string, string>();
  const write = async (kept: (key: string, body: string) => void) =>
    writePlanDocument(plannedItems(plan), {
      mask: makeMask(sensitiveValues(plan)),
      put: async (key, content) => {
        const body = canonicalJson(content);
        kept(key, body);
        return { key, versionId: 'v1', sha256: sha256Hex(body) };
      },
    });
  const began = performance.now();
  const document = await write((key, body) => stored.set(key, body));
  const buildMs = performance.now() - began;

  // Once more: what is live after each page, since garbage that nobody collected yet is no need.
  global.gc?.();
  const held = mib();
  let most = held;
  await write(() => {
    global.gc?.();
    most = Math.max(most, mib());
  });

  const links = changeLinks('changes', { query: { key: 'k'.repeat(43) } });
  const approval = { approvalId: 'bench', workspace: 'bench/large' } as ApprovalView;
  const shown = document.groups.flatMap((group) =>
    'pages' in group.content
      ? group.content.pages.map(({ key }, index) =>
          time(() => {
            const content = planPage.parse(JSON.parse(stored.get(key) ?? ''));
            return groupPage({ approval, links, back: '../bench', headers: {} }, group, index + 1, content)
              .body;
          }),
        )
      : [],
  );
  const overview = time(() => page(200, 'A plan', planView(document, links, pageBudget(24_000))).body);
  process.stdout.write(
    JSON.stringify({
      planBytes: Buffer.byteLength(text),
      buildMs,
      aboveMib: most - held,
      pages: stored.size,
      overviewBytes: Buffer.byteLength(overview.result),
      overviewMs: overview.ms,
      largestPageBytes: Math.max(0, ...shown.map(({ result }) => Buffer.byteLength(result))),
      slowestPageMs: Math.max(0, ...shown.map(({ ms }) => ms)),
    }),
  );
};

void main();
