import { z } from 'zod';

/** Waits no longer than this for the inbox to answer; it is on this machine, which may be busy with many runs. */
const timeoutMs = 30_000;

/**
 * The personal links to one run's approval that the inbox has received, oldest first.
 *
 * @param inboxUrl where the inbox's pages are
 */
export const readApprovalLinks = async (inboxUrl: string, runId: string): Promise<readonly string[]> => {
  const response = await fetch(new URL('/messages.json', inboxUrl), {
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`The inbox at ${inboxUrl} answers with status ${response.status}.`);
  return approvalLinksIn(z.json().parse(await response.json()), runId);
};

/** Which approval a link leads to. */
export const approvalIdOf = (link: string): string => new URL(link).pathname.split('/').at(-1) ?? '';

/** Finds one run's links in messages of any shape. */
export const approvalLinksIn = (messages: unknown, runId: string): readonly string[] => {
  const link = new RegExp(
    `https?://[^\\s"'<>]+/approvals/${runId}-[0-9a-f]{8}\\?key=[A-Za-z0-9_-]+(?![A-Za-z0-9_-])`,
    'g',
  );
  return [...new Set(textsIn(messages).flatMap((text) => text.match(link) ?? []))];
};

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
