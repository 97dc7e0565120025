import type { PublishMail } from '../shared/publish-mail';

/** E-mails a second that SNS delivers for an account; one function keeps to it, several share it by their budgets. */
const perSecond = 10;

/** Hands mails over no faster than SNS delivers them. */
export const makePacedMail = (
  send: PublishMail,
  { elapsedMs, sleep }: { elapsedMs: () => number; sleep: (milliseconds: number) => Promise<void> },
): PublishMail => {
  let next = 0;
  return async (mail) => {
    const turn = Math.max(next, elapsedMs());
    next = turn + 1000 / perSecond;
    const wait = turn - elapsedMs();
    if (wait > 0) await sleep(wait);
    return send(mail);
  };
};
