import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { mailPage } from '../../local/inbox/inbox-page';
import { makeInboxServer } from '../../local/inbox/inbox-server';
import { linksIn, readMail } from '../../local/inbox/mail';
import { makeMailStore } from '../../local/inbox/mail-store';

const at = new Date('2026-01-02T03:04:05Z');
const envelope = (message: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'b4f5ec26-0000-4000-8000-000000000001',
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:approver-alice',
    Subject: 'Approve a change to acme/web',
    Message: message,
    Timestamp: '2026-01-02T03:00:00.000Z',
    ...more,
  });
const link = 'http://127.0.0.1:4566/restapis/x/live/_user_request_/approvals/01J-abcd1234?key=a_b-c';

describe('a mail', () => {
  test('is read from what SNS put into the queue', () => {
    expect(readMail('inbox', envelope(`Decide: ${link}.`), at)).toEqual({
      id: 'b4f5ec26-0000-4000-8000-000000000001',
      at: '2026-01-02T03:00:00.000Z',
      topic: 'approver-alice',
      subject: 'Approve a change to acme/web',
      body: `Decide: ${link}.`,
      links: [link],
    });
  });

  test('is kept even where it is no notification', () => {
    const mail = readMail('alice-inbox', 'plain words', at);
    expect(mail).toMatchObject({ topic: 'alice-inbox', subject: '(no subject)', body: 'plain words' });
    expect(readMail('alice-inbox', 'plain words', new Date()).id).toBe(mail.id);
  });

  test('names no file outside of the inbox, whatever its id says', () => {
    expect(readMail('inbox', envelope('x', { MessageId: '../../etc/passwd' }), at).id).toMatch(
      /^[0-9a-f]{32}$/,
    );
  });

  test('is read from any bytes', () => {
    fc.assert(fc.property(fc.string(), (body) => typeof readMail('inbox', body, at).id === 'string'));
  });

  test('gives its links without the punctuation around them', () => {
    expect(linksIn(`See (${link}), or <http://a.test/b>! "https://c.test/d"`)).toEqual([
      link,
      'http://a.test/b',
      'https://c.test/d',
    ]);
  });
});

describe('the page of a mail', () => {
  test('escapes everything and links what is a link', () => {
    const page = mailPage(
      readMail('inbox', envelope(`<script>alert(1)</script>\n${link}&x="y"`, { Subject: '<b>hi</b>' }), at),
    );
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<b>hi');
    expect(page).toContain(`<a href="${link}&amp;x="`);
  });

  test('shows what could draw something else as a sign', () => {
    expect(mailPage(readMail('inbox', envelope('safe\u202egnp'), at))).toContain('safe\ufffdgnp');
  });
});

describe('the inbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'));
  const store = makeMailStore(folder);
  const server = makeInboxServer(store, () => undefined);
  let url = '';
  beforeAll(async () => {
    await store.save(readMail('inbox', envelope('first'), at));
    await store.save(
      readMail('inbox', envelope(link, { MessageId: 'second', Timestamp: '2026-01-02T04:00:00.000Z' }), at),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  test('lists the newest first, and allows neither script nor frame', async () => {
    const response = await fetch(url);
    const page = await response.text();
    expect(page.indexOf('/messages/second')).toBeLessThan(page.indexOf('/messages/b4f5ec26'));
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/,
    );
  });

  test('tells the same as JSON, oldest first', async () => {
    const messages = (await (await fetch(`${url}/messages.json`)).json()) as Array<{
      id: string;
      links: string[];
    }>;
    expect(messages.map(({ id }) => id)).toEqual(['b4f5ec26-0000-4000-8000-000000000001', 'second']);
    expect(messages[1]?.links).toEqual([link]);
  });

  test('shows one mail, and says so when there is none', async () => {
    expect((await fetch(`${url}/messages/second`)).status).toBe(200);
    expect((await fetch(`${url}/messages/third`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  test('keeps its mails over a restart', async () => {
    expect(await makeMailStore(folder).list()).toHaveLength(2);
  });
});
