import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createProgress } from '../../local/progress';
import { ensureBrowser } from '../../local/toolchain/toolchain';
import { approvalId, inMemoryApprovals, key, startedAt } from '../support/gate';
import { serveGate } from '../support/gate-server';
import { type PageState, statesOfPages } from '../support/states-of-pages';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.SCREENSHOT_DIR;
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
  { record, load, readPlanPage, part, run, lists }: PageState,
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
    ...(run && { findRun: async () => run }),
    ...(lists && { lists: lists.of, ...(lists.signedIn && { signedIn: lists.signedIn }) }),
    now: () => startedAt,
  });
  const { width, ...rest } = options;
  const context = await browser.newContext({ viewport: { width, height: 860 }, ...rest });
  try {
    const page = await context.newPage();
    const link = `${server.url}/approvals/${approvalId}?key=${key}`;
    if (lists) await page.goto(`${server.url}/approvals${lists.list ? `?list=${lists.list}` : ''}`);
    else await page.goto(part ? link.replace('?', `/changes?${part}&`) : link);
    await use(page, { link, approvals });
  } finally {
    await context.close();
    await server.close();
  }
};

test.each(Object.entries(statesOfPages))(
  'the page %s is accessible and fits on phones and desktops',
  async (name, state) => {
    await withPage(state, { width: 390, colorScheme: 'light' }, async (page) => {
      await page.evaluate(axe);
      for (const [device, width] of [
        ['phone', 390],
        ['desktop', 1280],
      ] as const)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 860 });
          await page.emulateMedia({ colorScheme });
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
          // The policy admits the page's own style: unstyled, a body has a margin.
          expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
          const violations = await page.evaluate(
            "axe.run({runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}).then(({violations}) => violations.map(({id, nodes}) => id + ': ' + nodes.map(({html}) => html).join(' ')))",
          );
          expect([device, colorScheme, violations]).toEqual([device, colorScheme, []]);
          if (shots)
            await page.screenshot({
              path: join(shots, `${name}-${device}-${colorScheme}.png`),
              fullPage: true,
            });
        }
    });
  },
);

test('the keyboard alone reaches every page of a large plan and comes back, without scripts', async () => {
  const options = { width: 390, colorScheme: 'light', javaScriptEnabled: false } as const;
  await withPage(statesOfPages.large, options, async (page) => {
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
    statesOfPages.pending,
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
      expect(approvals.records.get(approvalId)).toMatchObject({
        status: 'approved',
        votes: [{ person: 'alex', comment: 'Fine' }],
      });
    },
  );
});

test('a scanner that opens the link and presses everything decides nothing', async () => {
  await withPage(
    statesOfPages.pending,
    { width: 1280, colorScheme: 'light' },
    async (page, { link, approvals }) => {
      await fetch(link, { headers: { 'sec-purpose': 'prefetch' } });
      for (const selector of ['a', 'summary', 'button:visible'])
        for (const element of await page.locator(selector).all()) await element.click();
      await page.evaluate("document.querySelector('form').noValidate = true");
      await page.locator('button.approve').click();
      await page.waitForSelector('#problem');
      expect(approvals.records.get(approvalId)?.status).toBe('pending');
    },
  );
});
