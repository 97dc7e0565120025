import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { makeArtifacts } from '../../../lambdas/runners/artifacts';

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** One key that is written once; the first answer is lost on the way when it is asked for. */
const bucket = (options: { loseAnswer?: boolean; conflict?: boolean } = {}) => {
  let stored: Record<string, string> | undefined;
  const put = ({ Metadata }: { Metadata?: Record<string, string> | undefined }): void => {
    if (stored) throw named('PreconditionFailed');
    stored = Metadata ?? {};
  };
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof PutObjectCommand) {
      if (options.conflict) throw named('ConditionalRequestConflict');
      put(command.input);
      // The SDK hears nothing and sends the same request again.
      if (options.loseAnswer) put(command.input);
      return {};
    }
    if (command instanceof HeadObjectCommand && stored) return { Metadata: stored };
    throw named('NotFound');
  };
  return makeArtifacts({ s3: { send } as Pick<S3Client, 'send'>, bucket: 'artifacts' });
};

test('the first who puts an object is told so, and nobody else', async () => {
  const artifacts = bucket();
  expect(await artifacts.putOnce('started.json', '{}')).toBe(true);
  expect(await artifacts.putOnce('started.json', '{}')).toBe(false);
});

test('also when the answer to the first was lost and its repetition is refused', async () => {
  const artifacts = bucket({ loseAnswer: true });
  expect(await artifacts.putOnce('started.json', '{}')).toBe(true);
  expect(await artifacts.putOnce('started.json', '{}')).toBe(false);
});

test('whose request is in conflict with another was not the first', async () => {
  expect(await bucket({ conflict: true }).putOnce('started.json', '{}')).toBe(false);
});
