import {
  makeBuildRunnerImage,
  type ResourceAnswer,
} from '../../lambdas/build-runner-image/build-runner-image';
import type { BuildRunnerImageInput, ResourceRequest } from '../../lambdas/build-runner-image/contract';

const request = (
  RequestType: ResourceRequest['RequestType'],
  more: Partial<ResourceRequest> = {},
): ResourceRequest => ({
  RequestType,
  ResponseURL: 'https://answers.example.com/here',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Image',
  ResourceProperties: { Tag: 'abc' },
  ...more,
});
const ended = (status: string): BuildRunnerImageInput => ({
  'detail-type': 'CodeBuild Build State Change',
  detail: { 'build-id': 'arn:aws:codebuild:eu-central-1:1:build/project:1', 'build-status': status },
});

const platform = (startBuild?: () => Promise<void>) => {
  const answers: [string, ResourceAnswer][] = [];
  let pending: string | undefined;
  const step = makeBuildRunnerImage({
    startBuild: async (text) => {
      await startBuild?.();
      pending = text;
    },
    pendingOf: async () => pending,
    answer: async (url, answer) => {
      answers.push([url, answer]);
    },
  });
  return { step, answers };
};

test.each(['Create', 'Update'] as const)(
  '%s is answered when its build succeeded, not before',
  async (type) => {
    const { step, answers } = platform();
    await step(request(type));
    expect(answers).toEqual([]);
    await step(ended('SUCCEEDED'));
    expect(answers).toEqual([
      [
        'https://answers.example.com/here',
        {
          Status: 'SUCCESS',
          PhysicalResourceId: 'abc',
          StackId: 'stack',
          RequestId: 'request',
          LogicalResourceId: 'Image',
        },
      ],
    ]);
  },
);

test.each(['FAILED', 'FAULT', 'STOPPED', 'TIMED_OUT'])(
  'a build that ended %s fails the deployment and names its log',
  async (status) => {
    const { step, answers } = platform();
    await step(request('Create'));
    await step(ended(status));
    expect(answers[0]?.[1]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(`The build ended ${status}`),
    });
  },
);

test('a build that does not start fails the deployment at once', async () => {
  const { step, answers } = platform(() => Promise.reject(new Error('no such project')));
  await step(request('Create'));
  expect(answers[0]?.[1]).toMatchObject({
    Status: 'FAILED',
    Reason: 'The build did not start: no such project',
  });
});

test('a deletion is answered at once, under the name that it deletes, and builds nothing', async () => {
  const startBuild = jest.fn(async () => {});
  const { step, answers } = platform(startBuild);
  await step(request('Delete', { PhysicalResourceId: 'older' }));
  expect(answers[0]?.[1]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'older' });
  expect(startBuild).not.toHaveBeenCalled();
});

test('the end of a build that somebody else started answers nobody', async () => {
  const { step, answers } = platform();
  await step(ended('SUCCEEDED'));
  expect(answers).toEqual([]);
});
