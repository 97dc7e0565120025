import { GetObjectCommand, type PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { makeKeepFinalState } from '../../../lambdas/runners/final-state';

const backend = { bucket: 'state', keyArn: 'the-key', region: 'eu-central-1', pathStyle: false };
const change = { id: 'run-1-0a1b2c3d', runId: 'run-1', workspace: 'demo/web-01' };
const copy = '_final/demo/web-01/run-1-0a1b2c3d.tfstate';

const named = (name: string): Error => Object.assign(new Error(name), { name });

const keeping = (answers: { read?: Error; write?: Error } = {}) => {
  const written: PutObjectCommand['input'][] = [];
  const send = async (command: unknown) => {
    if (command instanceof GetObjectCommand) {
      if (answers.read) throw answers.read;
      expect(command.input).toEqual({ Bucket: 'state', Key: 'demo/web-01/terraform.tfstate' });
      return { Body: { transformToByteArray: async () => Buffer.from('sealed') } };
    }
    if (answers.write) throw answers.write;
    written.push((command as PutObjectCommand).input);
    return {};
  };
  const keep = makeKeepFinalState({ backend, open: () => ({ send }) as unknown as Pick<S3Client, 'send'> });
  return { written, keep: () => keep(change, async () => Promise.reject(new Error('not asked for'))) };
};

test('copies the bytes as they are, under the key of states, and never over another copy', async () => {
  const { written, keep } = keeping();
  expect(await keep()).toBe(copy);
  expect(written).toEqual([
    expect.objectContaining({
      Bucket: 'state',
      Key: copy,
      Body: Buffer.from('sealed'),
      SSEKMSKeyId: 'the-key',
      IfNoneMatch: '*',
    }),
  ]);
});

test.each(['PreconditionFailed', 'ConditionalRequestConflict'])('the first copy stays (%s)', async (name) => {
  expect(await keeping({ write: named(name) }).keep()).toBe(copy);
});

test('there is nothing to keep of a workspace without a state', async () => {
  expect(await keeping({ read: named('NoSuchKey') }).keep()).toBeNull();
});

test.each([{ read: named('AccessDenied') }, { write: named('SlowDown') }])(
  'what could not be kept is not destroyed: %o',
  async (answers) => {
    await expect(keeping(answers).keep()).rejects.toThrow();
  },
);
