/** What the pages say was recorded; `pending`: this answer counts, and others must answer, too. */
export type RecordedAnswer =
  | { readonly status: 'pending' }
  | { readonly status: 'approved' | 'rejected'; readonly decidedBy: string; readonly decidedAt: string };

/** The pages did not take or show a decision. */
export class DecisionNotTakenError extends Error {
  override readonly name = 'DecisionNotTakenError';
}

const timeoutMs = 30_000;

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const find = (page: string, pattern: RegExp, what: string): string => {
  const found = pattern.exec(page)?.[1];
  if (found === undefined)
    throw new DecisionNotTakenError(`The approval page says “${headingOf(page)}” and shows no ${what}.`);
  return unescaped(found);
};

const headingOf = (page: string): string =>
  unescaped(/<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? 'nothing readable');

const readRecorded = (page: string): RecordedAnswer =>
  page.includes('data-decision="pending"')
    ? { status: 'pending' }
    : {
        status:
          find(page, /data-decision="(approved|rejected)"/, 'decision') === 'approved'
            ? 'approved'
            : 'rejected',
        decidedBy: find(page, /id="decided-by">([^<]*)</, 'name of who decided'),
        decidedAt: find(page, /id="decided-at" datetime="([^"]*)"/, 'time of the decision'),
      };

/** The form of an approval page, filled with what the page asks to be typed; a decision is still to be chosen. */
export interface OpenedForm {
  readonly action: URL;
  readonly cookie: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Opens a link as a browser without scripts does. */
export const openDecisionForm = async (link: string): Promise<OpenedForm> => {
  const opened = await fetch(link, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  const form = await opened.text();
  if (!opened.ok)
    throw new DecisionNotTakenError(`The approval page answers ${opened.status}: “${headingOf(form)}”.`);
  return {
    action: new URL(find(form, /<form method="post" action="([^"]*)"/, 'form'), link),
    cookie: opened.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
    fields: {
      key: find(form, /name="key" value="([^"]*)"/, 'key'),
      csrf: find(form, /name="csrf" value="([^"]*)"/, 'form token'),
      confirmation: find(form, /<code id="workspace">([^<]*)</, 'name to confirm'),
    },
  };
};

/** Sends an opened form, as often as wanted. */
export const sendDecisionForm = (
  { action, cookie, fields }: OpenedForm,
  answer: { decision: 'approve' | 'reject'; comment?: string },
): Promise<Response> =>
  fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: cookie },
    body: new URLSearchParams({
      ...fields,
      comment: answer.comment ?? '',
      decision: answer.decision,
    }).toString(),
    signal: AbortSignal.timeout(timeoutMs),
  });

/**
 * Answers through the pages as a browser without scripts does: opens the link, fills the form with what the page
 * asks to be typed, sends it, follows the redirect and reads what was recorded.
 *
 * @throws DecisionNotTakenError when the pages refuse, or another decision stands
 */
export const decideOverHttp = async (
  link: string,
  answer: {
    decision: 'approve' | 'reject';
    comment?: string;
    /** Told when the form was sent and answered, in milliseconds since the epoch. */
    onPosted?: (times: { sentAt: number; answeredAt: number }) => void;
  },
): Promise<RecordedAnswer> => {
  const form = await openDecisionForm(link);
  const sentAt = Date.now();
  const posted = await sendDecisionForm(form, answer);
  answer.onPosted?.({ sentAt, answeredAt: Date.now() });
  const location = posted.headers.get('location');
  if (posted.status !== 303 || location === null)
    throw new DecisionNotTakenError(
      `The decision was not taken (${posted.status}): “${headingOf(await posted.text())}”.`,
    );
  await posted.body?.cancel();
  const recorded = readRecorded(
    await (await fetch(new URL(location, form.action), { signal: AbortSignal.timeout(timeoutMs) })).text(),
  );
  if (recorded.status === 'pending') return recorded;
  if (recorded.status !== (answer.decision === 'approve' ? 'approved' : 'rejected'))
    throw new DecisionNotTakenError(`Another decision stands: ${recorded.status} by ${recorded.decidedBy}.`);
  return recorded;
};
