import { approvalLinksIn } from '../../local/approval-links';

const base = 'http://127.0.0.1:4566/restapis/a/live/_user_request_/approvals';
const link = `${base}/01RUN-1a2b3c4d?key=abc_DEF-123`;

test("finds a run's personal links in the messages, each once", () => {
  const messages = [
    { subject: 'Approve', text: `Decide here:\n${link}\n\nOr not.`, html: `<a href="${link}">Decide</a>` },
    { text: `${base}/01OTHER-1a2b3c4d?key=zzz` },
    { nested: { deep: [`<${base}/01RUN-1a2b3c4d?key=second>`] } },
  ];
  expect(approvalLinksIn(messages, '01RUN')).toEqual([link, `${base}/01RUN-1a2b3c4d?key=second`]);
});

test('a run whose id begins like another one does not get its links', () => {
  expect(approvalLinksIn([`${base}/01RUN-check-1a2b3c4d?key=k`], '01RUN')).toEqual([]);
});

test.each([null, 3, [], {}, ['no link']])('finds nothing in %j', (messages) => {
  expect(approvalLinksIn(messages, '01RUN')).toEqual([]);
});
