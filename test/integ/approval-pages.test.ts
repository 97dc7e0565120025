import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { LoadChange, ReadPlanPage } from '../../lambdas/approval-pages/load-change';
import { makeMask } from '../../lambdas/runners/masking';
import { differenceFrom } from '../../lambdas/runners/plan-difference';
import { plannedItems } from '../../lambdas/runners/plan-document';
import type { ChangeRef } from '../../lambdas/shared/contract';
import { createProgress } from '../../local/progress';
import { ensureBrowser } from '../../local/toolchain/toolchain';
import { aVote } from '../support/approval-fixtures';
import {
  aChange,
  aPending,
  approvalId,
  inMemoryApprovals,
  key,
  loadChangeOf,
  startedAt,
} from '../support/gate';
import { serveGate } from '../support/gate-server';
import { anAttribute, aRow, planOf } from '../support/plan-fixtures';
import { aLargePlan, aPlanJson, aTellingPlan, writtenPlan } from '../support/written-plan';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.SCREENSHOT_DIR;
const at = startedAt.toISOString();
const lossy = { create: 1, update: 0, replace: 1, delete: 0 };
const lossyPlan = () =>
  planOf(
    'replace',
    [
      aRow({
        action: 'replace',
        members: [
          {
            address: 'terraform_data.database',
            attributes: [
              anAttribute({
                path: 'input.address',
                before: '127.8.4.2',
                after: '127.8.4.9',
                forcesReplacement: true,
              }),
            ],
          },
        ],
      }),
    ],
    lossy,
  );
interface State {
  readonly record: ReturnType<typeof aPending>;
  readonly load: LoadChange;
  readonly readPlanPage?: ReadPlanPage;
  /** The query of a part of the change; without it, the page of the whole. */
  readonly part?: string | undefined;
}
const pending: State = { record: aPending(), load: loadChangeOf() };
type Written = Awaited<ReturnType<typeof writtenPlan>>;
const planned = (make: () => Promise<Written>, part?: string) => {
  let made: Promise<Written> | undefined;
  const written = (): Promise<Written> => {
    made ??= make();
    return made;
  };
  return {
    record: aPending(),
    load: async (ref: ChangeRef) => {
      const { document } = await written();
      return loadChangeOf(aChange(document.counts), document)(ref);
    },
    readPlanPage: async (...asked: Parameters<ReadPlanPage>) => (await written()).readPlanPage(...asked),
    part,
  };
};
const large = async (): Promise<Written> => {
  const telling = aTellingPlan().resource_changes ?? [];
  const [first, ...hosts] = aLargePlan().resource_changes ?? [];
  const plan = aPlanJson({ resource_changes: [...hosts, ...telling] });
  const before = await writtenPlan(
    aPlanJson({
      resource_changes: [first, ...hosts, ...telling.filter(({ type }) => type !== 'aws_subnet')],
    }),
  );
  const difference = await differenceFrom(
    { runId: 'release-2026-41', plannedAt: '2026-11-20T15:12:00.000Z', document: before.document },
    plannedItems(plan),
    { mask: makeMask([]), readPage: (page) => before.readPlanPage({} as never, page) },
  );
  return writtenPlan(plan, difference);
};

const states: Readonly<Record<string, State>> = {
  telling: planned(() => writtenPlan(aTellingPlan())),
  large: planned(large),
  'large-group': planned(large, 'group=create&page=2'),
  pending,
  risky: { record: aPending(), load: loadChangeOf(aChange(lossy), lossyPlan()) },
  decided: {
    record: aPending({
      status: 'approved',
      decidedAt: at,
      votes: [aVote({ at, comment: 'Checked with the campaign team.' })],
    }),
    load: loadChangeOf(),
  },
  rejected: {
    record: aPending({ status: 'rejected', decidedAt: at, votes: [aVote({ at, outcome: 'rejected' })] }),
    load: loadChangeOf(),
  },
  expired: { record: aPending({ expiresAt: at }), load: loadChangeOf() },
  voided: { record: aPending({ status: 'voided', decidedAt: at }), load: loadChangeOf() },
  'wrong-link': { record: aPending({ links: [] }), load: loadChangeOf() },
  error: { record: aPending(), load: () => Promise.reject(new Error('the bucket is away')) },
};

/** A browser on a busy machine takes its time. */
jest.setTimeout(60_000);

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: await ensureBrowser(createProgress({ write: () => true })),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}, 600_000);
afterAll(() => browser.close());

const withPage = async (
  { record, load, readPlanPage, part }: State,
  options: { width: number; colorScheme: 'light' | 'dark'; javaScriptEnabled?: boolean },
  use: (
    page: Page,
    context: { link: string; approvals: ReturnType<typeof inMemoryApprovals> },
  ) => Promise<void>,
): Promise<void> => {
  const approvals = inMemoryApprovals(record);
  const server = await serveGate({
    approvals,
    loadChange: load,
    ...(readPlanPage && { readPlanPage }),
    now: () => startedAt,
  });
  const { width, ...rest } = options;
  const context = await browser.newContext({ viewport: { width, height: 860 }, ...rest });
  try {
    const page = await context.newPage();
    const link = `${server.url}/approvals/${approvalId}?key=${key}`;
    await page.goto(part ? link.replace('?', `/changes?${part}&`) : link);
    await use(page, { link, approvals });
  } finally {
    await context.close();
    await server.close();
  }
};

describe.each(Object.entries(states))('the page %s', (name, state) => {
  test.each([
    ['phone', 'light', 390],
    ['phone', 'dark', 390],
    ['desktop', 'light', 1280],
    ['desktop', 'dark', 1280],
  ] as const)('is accessible and fits on a %s in %s', async (device, colorScheme, width) => {
    await withPage(state, { width, colorScheme }, async (page) => {
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      // The policy admits the page's own style: unstyled, a body has a margin.
      expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
      await page.evaluate(axe);
      const violations = await page.evaluate(
        "axe.run({runOnly:['wcag2a','wcag2aa']}).then(({violations}) => violations.map(({id, nodes}) => id + ': ' + nodes.map(({html}) => html).join(' ')))",
      );
      expect(violations).toEqual([]);
      if (shots)
        await page.screenshot({ path: join(shots, `${name}-${device}-${colorScheme}.png`), fullPage: true });
    });
  });
});

test('the keyboard alone reaches every page of a large plan and comes back, without scripts', async () => {
  const options = { width: 390, colorScheme: 'light', javaScriptEnabled: false } as const;
  await withPage(planned(large), options, async (page) => {
    const follow = async (name: string): Promise<void> => {
      await page.getByRole('link', { name }).first().focus();
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    };
    await follow('4,989 ×');
    expect(await page.title()).toMatch(/^Created, page 1 of/);
    await follow('Next');
    expect(await page.title()).toMatch(/^Created, page 2 of/);
    await follow('The whole change');
    expect(await page.locator('#confirmation').count()).toBe(1);
  });
});

test('the keyboard alone decides, without scripts', async () => {
  await withPage(
    pending,
    { width: 390, colorScheme: 'light', javaScriptEnabled: false },
    async (page, { approvals }) => {
      await page.focus('#comment');
      await page.keyboard.type('Fine');
      await page.keyboard.press('Tab');
      await page.keyboard.type('demo/web-01');
      await page.keyboard.press('Enter');
      expect(approvals.records.get(approvalId)?.status).toBe('pending');
      await page.keyboard.press('Tab');
      await Promise.all([page.waitForURL(/key=/), page.keyboard.press('Enter')]);
      await page.waitForSelector('#decision');
      expect(approvals.records.get(approvalId)).toMatchObject({ status: 'approved', comment: 'Fine' });
    },
  );
});

test('a scanner that opens the link and presses everything decides nothing', async () => {
  await withPage(pending, { width: 1280, colorScheme: 'light' }, async (page, { link, approvals }) => {
    await fetch(link, { headers: { 'sec-purpose': 'prefetch' } });
    for (const selector of ['a', 'summary', 'button:visible'])
      for (const element of await page.locator(selector).all()) await element.click();
    await page.evaluate("document.querySelector('form').noValidate = true");
    await page.locator('button.approve').click();
    await page.waitForSelector('#problem');
    expect(approvals.records.get(approvalId)?.status).toBe('pending');
  });
});
