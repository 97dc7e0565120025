import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { makeCredentialClient, type Stage } from '../../lambdas/credential-client/credential-client';
import { signingKey } from '../../lambdas/rotation/strategies/signing-key';
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
  { record, load, readPlanPage, part, run, lists, credentials }: PageState,
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
    ...(credentials && { credentials, signedIn: { id: 'sam', groups: ['auditor'] } }),
    now: () => startedAt,
  });
  const { width, ...rest } = options;
  const context = await browser.newContext({ viewport: { width, height: 860 }, ...rest });
  try {
    const page = await context.newPage();
    const link = `${server.url}/approvals/${approvalId}?key=${key}`;
    if (lists) await page.goto(`${server.url}/approvals${lists.list ? `?list=${lists.list}` : ''}`);
    else if (credentials) await page.goto(`${server.url}/credentials`);
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

test('a form that was opened before the key is rotated is answered after it', async () => {
  const labels: Record<Stage, string | undefined> = { current: 'k'.repeat(64), previous: undefined };
  const { record, load } = statesOfPages.pending;
  const approvals = inMemoryApprovals(record);
  const server = await serveGate({
    approvals,
    loadChange: load,
    now: () => startedAt,
    signingKeys: makeCredentialClient({ read: async (stage) => labels[stage] }),
  });
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/approvals/${approvalId}?key=${key}`);
    const before = await page.locator('input[name=csrf]').getAttribute('value');
    const next = await signingKey.make(labels.current ?? '');
    Object.assign(labels, { current: next, previous: labels.current });
    await page.fill('#confirmation', 'demo/web-01');
    await Promise.all([page.waitForURL(/key=/), page.locator('button[value=approve]').click()]);
    await page.waitForSelector('#decision');
    expect(before).toHaveLength(43);
    expect(approvals.records.get(approvalId)).toMatchObject({ status: 'approved' });
  } finally {
    await context.close();
    await server.close();
  }
});

/** What scanners do with what they find: every method, every link, every button, every field but the right word. */
const scan = async (page: Page, link: string): Promise<void> => {
  const address = page.url();
  for (const method of ['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])
    await fetch(link, { method, headers: { 'sec-purpose': 'prefetch;prerender' } });
  const links: string[] = await page.evaluate('[...document.links].map(({ href }) => href)');
  for (const href of links) if (new URL(href).origin === new URL(link).origin) await fetch(href);
  const buttons = await page.locator('form button:visible').count();
  for (const as of ['post', 'get'])
    for (let index = 0; index < buttons; index++) {
      await page.goto(address);
      await page.evaluate(
        `for (const form of document.forms) {
          form.noValidate = true;
          form.method = '${as}';
          for (const one of form.querySelectorAll('details')) one.open = true;
          for (const one of form.querySelectorAll('input[type=checkbox], input[type=radio]')) one.checked = true;
          for (const one of form.querySelectorAll('input[type=text], textarea')) one.value = 'approve yes ok 1234';
        }`,
      );
      await Promise.all([page.waitForNavigation(), page.locator('form button:visible').nth(index).click()]);
    }
};

test('a scanner that follows, fills in and presses everything on every page decides nothing', async () => {
  for (const [name, state] of Object.entries(statesOfPages))
    await withPage(state, { width: 1280, colorScheme: 'light' }, async (page, { link, approvals }) => {
      const before = JSON.stringify([...approvals.records.values()]);
      await scan(page, link);
      expect([name, JSON.stringify([...approvals.records.values()])]).toEqual([name, before]);
    });
}, 240_000);
