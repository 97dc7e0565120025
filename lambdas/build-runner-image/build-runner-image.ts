import {
  type BuildRunnerImageInput,
  type PendingAnswer,
  pendingAnswer,
  type ResourceRequest,
} from './contract';

/** What CloudFormation is told about the image. */
export interface ResourceAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

interface Deps {
  /** Starts the build; the text comes back from `pendingOf`. */
  readonly startBuild: (pending: string) => Promise<void>;
  /** What the build was started with; `undefined` when somebody else started it. */
  readonly pendingOf: (buildId: string) => Promise<string | undefined>;
  readonly answer: (url: string, answer: ResourceAnswer) => Promise<void>;
}

const answerTo = (request: PendingAnswer, failure?: string): ResourceAnswer => ({
  Status: failure === undefined ? 'SUCCESS' : 'FAILED',
  ...(failure !== undefined && { Reason: failure }),
  PhysicalResourceId: request.ResourceProperties.Tag,
  StackId: request.StackId,
  RequestId: request.RequestId,
  LogicalResourceId: request.LogicalResourceId,
});

/**
 * Builds the runner's image while the stack deploys: a request of CloudFormation starts the build, the event of its
 * end answers the request. In between nothing waits.
 */
export const makeBuildRunnerImage = (deps: Deps) => {
  const begin = async (request: ResourceRequest): Promise<void> => {
    if (request.RequestType === 'Delete') {
      // An update names a new image and deletes the old name: images stay until their repository's rules say.
      const name = request.PhysicalResourceId ?? request.ResourceProperties.Tag;
      return deps.answer(request.ResponseURL, { ...answerTo(request), PhysicalResourceId: name });
    }
    try {
      await deps.startBuild(JSON.stringify(pendingAnswer.parse(request)));
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      await deps.answer(request.ResponseURL, answerTo(request, `The build did not start: ${why}`));
    }
  };
  return async (input: BuildRunnerImageInput): Promise<null> => {
    if ('RequestType' in input) {
      await begin(input);
      return null;
    }
    const { 'build-id': buildId, 'build-status': status } = input.detail;
    const text = await deps.pendingOf(buildId);
    if (text === undefined) return null;
    const pending = pendingAnswer.parse(JSON.parse(text));
    const failure =
      status === 'SUCCEEDED'
        ? undefined
        : `The build ended ${status}. Its log in CodeBuild says why: ${buildId}`;
    await deps.answer(pending.ResponseURL, answerTo(pending, failure));
    return null;
  };
};
