import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { makeSessionStore } from '../../lambdas/identity/session-store';
import { createProgress } from '../../local/progress';
import { ensureBrowser } from '../../local/toolchain/toolchain';
import { makeVisitorOfPages } from '../support/cookie-jar';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { aChange, aPending, approvalId, inMemoryApprovals, key, loadChangeOf } from '../support/gate';
import { serveGate } from '../support/gate-server';
import { clientSecret, type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider';
import { signingIn } from '../support/signing-in';

jest.setTimeout(60_000);

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const start = Date.now();
/** The provider's clock is this machine's: ours starts with it, and goes on when a test says so. */
let now = start;
const wait = (minutes: number): void => {
  now += minutes * 60_000;
};
const record = () => aPending({ expiresAt: new Date(start + 86_400_000).toISOString() });

let fixture: Fixture;
let provider: OpenIdProvider;
let gate: Awaited<ReturnType<typeof serveGate>>;
const approvals = inMemoryApprovals(record());
beforeAll(async () => {
  fixture = await startFixture();
  const dynamo = new DynamoDBClient(clients(fixture).config);
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'sessions',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'sessionHash', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'sessionHash', KeyType: 'HASH' }],
    }),
  );
  const sessions = makeSessionStore({ client: DynamoDBDocumentClient.from(dynamo), table: 'sessions' });
  const clock = () => new Date(now);
  const loadChange = loadChangeOf({ ...aChange(), expiresAt: record().expiresAt });
  gate = await serveGate({ approvals, loadChange, now: clock }, async (publicUrl) => {
    provider = await startOpenIdProvider(`${publicUrl}/sign-in/callback`);
    return signingIn({ issuer: provider.issuer, publicUrl, sessions, now: clock });
  });
}, 600_000);
afterAll(async () => {
  await gate.close();
  await provider.stop();
  await endFixture(fixture);
});
beforeEach(() => {
  now = start;
  approvals.records.set(approvalId, record());
});

const link = () => `${gate.url}/approvals/${approvalId}`;
const status = () => approvals.records.get(approvalId)?.status;
type Visitor = ReturnType<typeof makeVisitorOfPages>;

/** Opens a page, signs in at the provider on the way, and says where that led. */
const signIn = async (visitor: Visitor, account: string, groups = 'app-approvers', at = link()) => {
  const login = await visitor.visit(at);
  if (!login.url.startsWith(provider.issuer)) return login;
  return visitor.visit(login.url, { account, groups });
};
/** Where the provider sent somebody, so that the address can be used in another way. */
const callbackOf = ({ passed }: { passed: readonly string[] }): string =>
  passed.find((address) => address.startsWith(`${gate.url}/sign-in/callback`)) ?? '';
const formIn = (html: string) => ({
  csrf: /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? '',
  decision: 'approve',
  confirmation: record().workspace,
});

test('who opens an approval signs in, comes back to it and decides under their own name', async () => {
  const visitor = makeVisitorOfPages();
  const opened = await signIn(visitor, 'kim');
  expect(opened).toMatchObject({ status: 200, url: link() });
  expect(opened.body).not.toContain('name="key"');
  const decided = await visitor.visit(link(), formIn(opened.body));
  expect(decided).toMatchObject({ status: 200, url: link() });
  expect(decided.body).toContain('by <strong id="decided-by">kim@example.com</strong> (you)');
  expect(approvals.records.get(approvalId)).toMatchObject({
    status: 'approved',
    votes: [{ person: 'kim@example.com', seats: [{ groups: ['approver'] }] }],
  });
});

test('the key of a personal link opens nothing where people sign in', async () => {
  const { url, body } = await makeVisitorOfPages().visit(`${link()}?key=${key}`);
  expect(url.startsWith(provider.issuer)).toBe(true);
  expect(body).not.toContain(record().workspace);
});

test('no page, address or cookie holds what the provider gave us', async () => {
  const visitor = makeVisitorOfPages();
  const { passed, body } = await signIn(visitor, 'kim');
  const own = [
    ...passed.filter((address) => address.startsWith(gate.url)),
    body,
    ...visitor.cookies.values(),
  ];
  for (const text of own) {
    expect(text).not.toContain('eyJ0eX');
    expect(text).not.toContain(clientSecret);
  }
  expect(visitor.cookies.get('session')).toMatch(/^[\w-]{43}\.\d+\.[\w-]{43}$/);
});

test('somebody else with the same link is themselves, and with another form token nobody', async () => {
  const kim = makeVisitorOfPages();
  const robin = makeVisitorOfPages();
  const ofKim = await signIn(kim, 'kim');
  await signIn(robin, 'robin');
  expect((await robin.visit(link(), formIn(ofKim.body))).status).toBe(403);
  expect(status()).toBe('pending');
});

test('an auditor sees the change and may not decide', async () => {
  const visitor = makeVisitorOfPages();
  const { status: code, body } = await signIn(visitor, 'robin', 'app-auditors');
  expect(code).toBe(200);
  expect(body).toContain('You cannot decide on this now');
  expect(body).not.toContain('name="csrf"');
});

test.each([
  ['in no group of ours', 'kim', 'staff', 'none of your groups has a role here'],
  [
    'whose address nobody verified',
    'unverified-kim',
    'app-approvers',
    'does not vouch for your e-mail address',
  ],
])('somebody %s sees nothing, and why', async (_, account, groups, sentence) => {
  const visitor = makeVisitorOfPages();
  const answer = await signIn(visitor, account, groups);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain(sentence);
  expect(visitor.cookies.has('session')).toBe(false);
});

test('a group that was taken away is gone at the next sign-in', async () => {
  const visitor = makeVisitorOfPages();
  const { body } = await signIn(visitor, 'kim');
  // The provider knows of it from now on.
  await signIn(makeVisitorOfPages(), 'kim', 'app-auditors');
  wait(61);
  expect((await visitor.visit(link())).body).toContain('You cannot decide on this now');
  // The form of the session before fits no more, and neither does the person.
  expect((await visitor.visit(link(), formIn(body))).status).toBe(403);
  expect(status()).toBe('pending');
});

test.each([
  ['idle for half an hour', [30]],
  ['signed in for an hour', [20, 20, 20]],
])('somebody who was %s keeps the comment, decides nothing and signs in again', async (_, steps) => {
  const visitor = makeVisitorOfPages();
  const { body } = await signIn(visitor, 'kim');
  for (const minutes of steps.slice(0, -1)) {
    wait(minutes);
    expect((await visitor.visit(link())).url).toBe(link());
  }
  wait(steps.at(-1) ?? 0);
  const answer = await visitor.visit(link(), { ...formIn(body), comment: 'Checked <b>twice</b>' });
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('Checked &lt;b&gt;twice&lt;/b&gt;</textarea>');
  expect(answer.body).toContain(`${gate.url}/sign-in?to=approvals%2F${approvalId}`);
  expect(status()).toBe('pending');
  expect(callbackOf(await visitor.visit(link()))).not.toBe('');
});

test('an answer of the provider is good for one browser, once, and for ten minutes', async () => {
  const kim = makeVisitorOfPages();
  const callback = callbackOf(await signIn(kim, 'kim'));
  const session = kim.cookies.get('session');

  const stranger = makeVisitorOfPages();
  expect((await stranger.visit(callback)).body).toContain('This sign-in cannot be finished here');
  expect(stranger.cookies.has('session')).toBe(false);

  const again = await kim.visit(callback);
  expect(again.status).toBe(403);
  expect(again.body).toContain('SignInRefusedError');
  expect(kim.cookies.get('session')).toBe(session);

  const wrongState = new URL(callback);
  wrongState.searchParams.set('state', 's'.repeat(43));
  expect((await kim.visit(wrongState.href)).status).toBe(400);

  const late = makeVisitorOfPages();
  const login = await late.visit(link());
  wait(10);
  expect((await late.visit(login.url, { account: 'kim', groups: 'app-approvers' })).status).toBe(400);
  expect(late.cookies.has('session')).toBe(false);
});

test('two pages that wait for a sign-in are both led back to', async () => {
  const visitor = makeVisitorOfPages();
  const part = `${link()}/changes?group=create&page=1`;
  const [first, second] = [await visitor.visit(link()), await visitor.visit(part)];
  expect((await visitor.visit(second.url, { account: 'kim', groups: 'app-approvers' })).url).toBe(part);
  expect((await visitor.visit(first.url, { account: 'kim', groups: 'app-approvers' })).url).toBe(link());
});

test('signing in again ends the session before: a copy of its cookie is worth nothing', async () => {
  const visitor = makeVisitorOfPages();
  await signIn(visitor, 'kim');
  const before = visitor.cookies.get('session') ?? '';
  const login = await visitor.visit(`${gate.url}/sign-in?to=approvals%2F${approvalId}`);
  expect(login.url).toBe(link());
  expect(visitor.cookies.get('session')).not.toBe(before);
  visitor.cookies.set('session', before);
  expect((await visitor.request(link())).status).toBe(303);
});

test('who cancels at the provider is told so, in our words', async () => {
  const visitor = makeVisitorOfPages();
  const login = await visitor.visit(link());
  const answer = await visitor.visit(login.url, { account: 'kim', groups: '', cancel: 'yes' });
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('The provider did not sign you in');
  expect(answer.body).not.toContain('cancelled</b>');
});

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '%2f%2fevil.example', '../../x'])(
  'nobody is led to %s after signing in',
  async (to) => {
    const answer = await signIn(
      makeVisitorOfPages(),
      'kim',
      'app-approvers',
      `${gate.url}/sign-in?${new URLSearchParams({ to })}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.url).toBe(`${gate.url}/approvals`);
  },
);

test('signing out takes a form of ours, ends the session for good and offers to end that of the provider', async () => {
  const visitor = makeVisitorOfPages();
  await signIn(visitor, 'kim');
  const session = visitor.cookies.get('session') ?? '';
  const end = `${gate.url}/sign-out`;
  const { csrf } = formIn((await visitor.visit(end)).body);
  expect((await visitor.visit(end, { csrf: 'x'.repeat(43) })).status).toBe(403);
  expect((await visitor.visit(link())).url).toBe(link());
  const { body } = await visitor.visit(end, { csrf });
  expect(body).toContain('You are signed out');
  expect(body).toContain(`${provider.issuer}/session/end?client_id=orchestrator`);
  expect(visitor.cookies.has('session')).toBe(false);
  visitor.cookies.set('session', session);
  expect((await visitor.request(link())).status).toBe(303);
});

test('a scanner that follows the link decides nothing and signs nobody in', async () => {
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(link(), { method, redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  expect(status()).toBe('pending');
});

const inBrowser = async (
  options: Parameters<Browser['newContext']>[0],
  use: (page: Page, context: BrowserContext) => Promise<void>,
): Promise<void> => {
  const browser = await chromium.launch({
    executablePath: await ensureBrowser(createProgress({ write: () => true })),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const context = await browser.newContext(options);
    await use(await context.newPage(), context);
  } finally {
    await browser.close();
  }
};

test('a person in a browser opens an approval, signs in, approves and signs out, without scripts', async () => {
  await inBrowser({ javaScriptEnabled: false }, async (page, context) => {
    await page.goto(link());
    await page.fill('[name=account]', 'kim');
    await page.fill('[name=groups]', 'app-approvers');
    await page.click('text=Sign in');
    await page.waitForURL(link());
    await page.fill('#confirmation', record().workspace);
    await page.click('button.approve');
    await page.waitForSelector('[data-decision=approved]');
    expect(await page.textContent('#decided-by')).toBe('kim@example.com');
    await page.click('text=Sign out');
    await page.click('button');
    await page.waitForSelector('#provider');
    expect((await context.cookies()).filter(({ name }) => name === 'session')).toEqual([]);
    await page.goto(link());
    expect(page.url()).toBe(link());
  });
});

test('the pages about signing in are accessible, light and dark', async () => {
  const visitor = makeVisitorOfPages();
  const opened = await signIn(visitor, 'kim');
  const asked = await visitor.visit(`${gate.url}/sign-out`);
  const out = await visitor.visit(`${gate.url}/sign-out`, { csrf: formIn(asked.body).csrf });
  const pages = [
    asked,
    out,
    await visitor.visit(link(), { ...formIn(opened.body), comment: 'Checked' }),
    await signIn(makeVisitorOfPages(), 'robin', 'staff'),
    await makeVisitorOfPages().visit(`${gate.url}/sign-in/callback?state=x`),
  ];
  for (const colorScheme of ['light', 'dark'] as const)
    await inBrowser({ viewport: { width: 390, height: 860 }, colorScheme, bypassCSP: true }, async (page) => {
      for (const { body } of pages) {
        await page.setContent(body);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        await page.evaluate(axe);
        expect(
          await page.evaluate(
            "axe.run({runOnly:['wcag2a','wcag2aa']}).then(({violations}) => violations.map(({id}) => id))",
          ),
        ).toEqual([]);
        if (process.env.SCREENSHOT_DIR)
          await page.screenshot({
            path: join(
              process.env.SCREENSHOT_DIR,
              `sign-in-${colorScheme}-${pages.findIndex((one) => one.body === body)}.png`,
            ),
          });
      }
    });
});
