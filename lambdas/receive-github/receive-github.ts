import type * as z from 'zod';
import { checkShape } from '../shared/check-plain-json';
import { describeIssues } from '../shared/define-step';
import { sha256Hex } from '../shared/digest';
import { GithubRefusedError, InvalidInputError, type StepError, TransientError } from '../shared/errors';
import type { GithubClient } from '../shared/github-client';
import { runIdOf } from '../shared/github-names';
import type { GithubStore } from '../shared/github-store';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import type { GithubMapping } from './contract';
import { branchOf, pullRequestEvent, pushEvent } from './payload';
import { isSigned, type WebhookSecrets } from './signature';
import {
  changedBy,
  previewInput,
  pushInput,
  touches,
  type Wanted,
  wantedByPullRequest,
  wantedByPush,
} from './wanted-runs';

interface Deps {
  readonly secrets: () => Promise<WebhookSecrets>;
  readonly mappings: readonly GithubMapping[];
  readonly webUrl: string;
  readonly github: Pick<GithubClient, 'headOfBranch' | 'headOfPullRequest' | 'filesOfPullRequest'>;
  readonly store: Pick<GithubStore, 'answerTo' | 'keepAnswer' | 'ask'>;
  /** Starts a run under a name; one that was started under it before is left as it is. */
  readonly start: (workflow: string, runId: string, input: Record<string, unknown>) => Promise<void>;
  readonly now: () => Date;
}

/** What was decided on one workspace. */
interface Result {
  readonly workspace: string;
  readonly run: string | null;
  readonly because: string;
}
type Judged = readonly Result[] | { readonly because: string };

/** GitHub's own limit is 25 MB; the largest push that a mapped repository sees is far below this. */
const maxBytes = 1024 * 1024;
const previewWorkflow = 'plan-preview';

const answer = (status: number, body: object): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
export const refusal = (status: number, error: string, message: string): HttpResponse =>
  answer(status, { error, message });

const readJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new InvalidInputError('The body is no JSON.');
  }
};

const readEvent = <T extends z.ZodType>(schema: T, payload: unknown): z.infer<T> => {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(`The event does not fit. ${describeIssues(parsed.error)}`);
};

/**
 * Takes what GitHub delivers: a push to a mapped branch starts the mapped workflow, a pull request into it a preview.
 *
 * The signature covers the body and nothing else, not even the delivery's id: a delivery is known by its bytes, and
 * so are the runs that it starts. What is delivered again gets the first answer and starts nothing twice; what is no
 * longer the head of its branch or pull request starts nothing at all.
 */
export const makeReceiveGithub = (deps: Deps) => {
  const startAll = async (
    { mappings, commit, requestedBy }: Extract<Wanted, { mappings: unknown }>,
    digest: string,
    changed: readonly string[] | undefined,
    how: {
      readonly workflowOf: (mapping: GithubMapping) => string;
      readonly inputOf: typeof pushInput;
      readonly contextOf: (workspace: string) => string;
      readonly reason: string;
    },
  ): Promise<Result[]> => {
    const results: Result[] = [];
    for (const mapping of mappings) {
      const { workspace, repository } = mapping;
      if (!touches(changed, mapping)) {
        results.push({ workspace, run: null, because: `nothing below ${mapping.path} changed` });
        continue;
      }
      const runId = runIdOf(digest, workspace);
      const { reason } = how;
      const { webUrl } = deps;
      const askedAt = deps.now().toISOString();
      // First what is to be told, so that no end of the run goes by unnoticed.
      await deps.store.ask({ runId, repository, commit, context: how.contextOf(workspace), askedAt });
      const input = how.inputOf(mapping, { commit, requestedBy, reason, webUrl });
      await deps.start(how.workflowOf(mapping), runId, input);
      results.push({ workspace, run: runId, because: reason });
    }
    return results;
  };

  const judgePush = async (payload: unknown, digest: string): Promise<Judged> => {
    const event = readEvent(pushEvent, payload);
    const wanted = wantedByPush(event, deps.mappings);
    if ('because' in wanted) return wanted;
    const [{ repository, branch }] = wanted.mappings as [GithubMapping];
    if ((await deps.github.headOfBranch(repository, branch)) !== wanted.commit)
      return { because: `${branchOf(event.ref)} has moved on since this push` };
    const short = wanted.commit.slice(0, 12);
    return startAll(wanted, digest, changedBy(event), {
      workflowOf: ({ workflow }) => workflow,
      inputOf: pushInput,
      contextOf: (workspace) => `orchestrator: ${workspace}`,
      reason: `Push of ${short} to ${repository}, ${branch}`,
    });
  };

  const judgePullRequest = async (payload: unknown, digest: string): Promise<Judged> => {
    const event = readEvent(pullRequestEvent, payload);
    const wanted = wantedByPullRequest(event, deps.mappings);
    if ('because' in wanted) return wanted;
    const { number } = event.pull_request;
    const [{ repository }] = wanted.mappings as [GithubMapping];
    if ((await deps.github.headOfPullRequest(repository, number)) !== wanted.commit)
      return { because: `pull request ${number} has moved on since, or was closed` };
    const changed = await deps.github.filesOfPullRequest(repository, number);
    return startAll(wanted, digest, changed, {
      workflowOf: () => previewWorkflow,
      inputOf: previewInput,
      contextOf: (workspace) => `orchestrator preview: ${workspace}`,
      reason: `Pull request ${number} of ${repository} at ${wanted.commit.slice(0, 12)}`,
    });
  };

  const judge = (event: string | undefined, payload: unknown, digest: string): Promise<Judged> => {
    if (event === 'push') return judgePush(payload, digest);
    if (event === 'pull_request') return judgePullRequest(payload, digest);
    return Promise.resolve({
      because: event === 'ping' ? 'the webhook is set up' : 'nothing is started by this kind of event',
    });
  };

  const receive = async ({ headers, body }: HttpRequest): Promise<HttpResponse> => {
    if (!/^application\/json(?: *;.*)?$/i.test(headers['content-type'] ?? ''))
      return refusal(415, 'UnsupportedMediaType', 'Set the content type of the webhook to application/json.');
    if (body.byteLength > maxBytes)
      return refusal(413, 'PayloadTooLarge', `A delivery has ${maxBytes / 1024} KiB at most.`);
    if (!isSigned(body, headers['x-hub-signature-256'], await deps.secrets()))
      return refusal(
        401,
        'SignatureInvalid',
        'The delivery is not signed with the secret of this webhook. Give GitHub the secret that this environment keeps.',
      );
    const event = headers['x-github-event'];
    const digest = sha256Hex(body);
    // The event's name is not signed: under another name it is another delivery, and keeps nothing from this one.
    const delivery = sha256Hex(`${event}\n${digest}`);
    const before = await deps.store.answerTo(delivery);
    if (before !== undefined) return answer(200, JSON.parse(before));
    const payload = readJson(body);
    checkShape(payload);
    const judged = await judge(event, payload, digest);
    const said = 'because' in judged ? { runs: [], because: judged.because } : { runs: judged };
    const kept = await deps.store.keepAnswer(delivery, JSON.stringify(said));
    return answer(said.runs.some(({ run }) => run !== null) ? 202 : 200, JSON.parse(kept));
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      return await receive(request);
    } catch (error) {
      if (error instanceof InvalidInputError) return refusal(400, error.name, error.message);
      const isKnown = error instanceof TransientError || error instanceof GithubRefusedError;
      logger.error('a delivery was not taken', error as Error);
      // Nothing is kept of it: GitHub may deliver it again.
      return refusal(
        503,
        isKnown ? (error as StepError).name : 'InternalError',
        isKnown ? (error as StepError).message : 'The delivery was not taken. Deliver it again.',
      );
    }
  };
};
