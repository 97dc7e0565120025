import * as z from 'zod';
import { makeArtifacts } from '../../lambdas/runners/artifacts';
import { makeChangeStore } from '../../lambdas/shared/change-store';
import { ChangeMismatchError } from '../../lambdas/shared/errors';
import { makeReadArtifact } from '../../lambdas/shared/read-artifact';

const ref = { bucket: 'artifacts', key: 'runs/run-1/plan.bin', versionId: 'v1', sha256: 'a'.repeat(64) };
const change = { id: 'run-1-aaaaaaaa', digest: 'a'.repeat(64), ref };

const readers = {
  'the plan': (s3: never) => makeArtifacts({ s3, bucket: 'artifacts' }).get(ref),
  'the change': (s3: never) => makeChangeStore({ s3, bucket: 'artifacts' }).get(change),
  'a document': (s3: never) => makeReadArtifact(s3)(ref, z.unknown()),
};

const answering = (name: string) =>
  ({
    send: () => Promise.reject(Object.assign(new Error('from S3'), { name })),
  }) as never;

describe.each(Object.entries(readers))('%s', (_, read) => {
  test.each(['NoSuchVersion', 'NoSuchKey', 'NotFound', 'MethodNotAllowed'])(
    'that is gone (%s) is a mismatch which names it and says what to do',
    async (name) => {
      const refused = await read(answering(name)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ChangeMismatchError);
      expect((refused as Error).message).toMatch(/gone|no longer/);
      expect((refused as Error).message).toMatch(/Plan again/);
    },
  );

  test('that cannot be read now keeps its own error, so that it is tried again', async () => {
    await expect(read(answering('SlowDown'))).rejects.toMatchObject({ name: 'SlowDown' });
  });
});

test.each(['plan', 'change'] as const)('a %s in another bucket is not even read', async (what) => {
  const elsewhere = { ...ref, bucket: 'elsewhere' };
  const refused =
    what === 'plan'
      ? makeArtifacts({ s3: answering('AccessDenied'), bucket: 'artifacts' }).get(elsewhere)
      : makeChangeStore({ s3: answering('AccessDenied'), bucket: 'artifacts' }).get({
          ...change,
          ref: elsewhere,
        });
  await expect(refused).rejects.toThrow(ChangeMismatchError);
  await expect(refused).rejects.toThrow(/outside the artifacts bucket/);
});
