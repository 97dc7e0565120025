import { makePacedMail } from '../../lambdas/approval-mail/paced-mail';

const aMail = { topicArn: 'arn:alex', subject: 's', text: 't' };

const prepare = () => {
  const clock = { ms: 5000 };
  const sentAt: number[] = [];
  const send = makePacedMail(
    async () => {
      sentAt.push(clock.ms);
      return 'id';
    },
    {
      elapsedMs: () => clock.ms,
      sleep: async (milliseconds) => {
        clock.ms += milliseconds;
      },
    },
  );
  return { clock, sentAt, send };
};

test('mails of one function leave at ten a second at most', async () => {
  const { sentAt, send } = prepare();
  for (let count = 0; count < 25; count++) await send(aMail);
  expect(sentAt.slice(0, 3)).toEqual([5000, 5100, 5200]);
  expect(sentAt.at(-1)).toBe(7400);
});

test('after a pause nobody waits', async () => {
  const { clock, sentAt, send } = prepare();
  await send(aMail);
  clock.ms = 9000;
  await send(aMail);
  expect(sentAt).toEqual([5000, 9000]);
});
