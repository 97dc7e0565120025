import * as z from 'zod';
import { makeArtifacts } from '../../lambdas/runners/artifacts';
import { makeChangeStore } from '../../lambdas/shared/change-store';
import { ChangeMismatchError, ContentDamagedError, ContentSwappedError } from '../../lambdas/shared/errors';
import { makeReadArtifact } from '../../lambdas/shared/read-artifact';
import { aChange } from '../support/gate';
import { inMemoryS3 } from '../support/in-memory-s3';

const ref = { bucket: 'artifacts', key: 'runs/run-1/plan.bin', versionId: 'v1', sha256: 'a'.repeat(64) };
const reference = { id: 'run-1-aaaaaaaa', digest: 'a'.repeat(64), ref };

const readers = {
  'the plan': (s3: never) => makeArtifacts({ s3, bucket: 'artifacts' }).get(ref),
  'the change': (s3: never) => makeChangeStore({ s3, bucket: 'artifacts' }).get(reference),
  'a document': (s3: never) => makeReadArtifact(s3)(ref, z.unknown()),
};

const answering = (name: string) =>
  ({
    send: () => Promise.reject(Object.assign(new Error('from S3'), { name })),
  }) as never;

describe.each(Object.entries(readers))('%s', (_, read) => {
  test.each(['NoSuchVersion', 'NoSuchKey', 'NotFound', 'MethodNotAllowed'])(
    'that is gone (%s) is named, and the error says what to do',
    async (name) => {
      const refused = await read(answering(name)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ContentDamagedError);
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
          ...reference,
          ref: elsewhere,
        });
  await expect(refused).rejects.toThrow(ContentSwappedError);
  await expect(refused).rejects.toThrow(/outside the artifacts bucket/);
});

const prepare = async () => {
  const s3 = inMemoryS3();
  const artifacts = makeArtifacts({ s3, bucket: 'artifacts' });
  const changes = makeChangeStore({ s3, bucket: 'artifacts' });
  const one = await artifacts.put('runs/run-1/one', 'one plan', 'application/octet-stream');
  const other = await artifacts.put('runs/run-1/other', 'another plan', 'application/octet-stream');
  const change = await changes.put(aChange());
  const otherChange = await changes.put({ ...aChange(), id: 'run-1-eeeeeeee', reason: 'another' });
  return { s3, artifacts, changes, one, other, change, otherChange };
};

test('what was put is what is got', async () => {
  const { artifacts, changes, one, change } = await prepare();
  expect(Buffer.from(await artifacts.get(one)).toString()).toBe('one plan');
  expect(await changes.get(change)).toEqual(aChange());
});

test('bytes with one bit flipped are damaged', async () => {
  const { s3, artifacts, changes, one, change } = await prepare();
  for (const { key, versionId } of [one, change.ref])
    s3.replace(key, versionId, ({ bytes, metadata }) => {
      const flipped = Buffer.from(bytes);
      flipped[3] = (flipped[3] ?? 0) ^ 1;
      return { bytes: flipped, metadata };
    });
  await expect(artifacts.get(one)).rejects.toThrow(ContentDamagedError);
  await expect(changes.get(change)).rejects.toThrow(ContentDamagedError);
});

test('another valid plan in its place is a swap, and both are named', async () => {
  const { artifacts, one, other } = await prepare();
  const swapped = artifacts.get({ ...other, sha256: one.sha256 });
  await expect(swapped).rejects.toThrow(ContentSwappedError);
  await expect(swapped).rejects.toThrow(one.sha256.slice(0, 12));
  await expect(swapped).rejects.toThrow(other.sha256.slice(0, 12));
});

test('another valid change in its place is a swap, however it is referred to', async () => {
  const { changes, change, otherChange } = await prepare();
  for (const forged of [
    { ...change, ref: otherChange.ref },
    { ...change, ref: { ...otherChange.ref, sha256: change.digest } },
    { ...change, digest: otherChange.digest, ref: otherChange.ref },
    { ...change, digest: otherChange.digest },
  ])
    await expect(changes.get(forged)).rejects.toThrow(ContentSwappedError);
});

test('a change in a form that this version does not know is not used', async () => {
  const { changes } = await prepare();
  const { script: _, ...older } = aChange();
  const change = await changes.put(older as ReturnType<typeof aChange>);
  const refused = changes.get(change);
  await expect(refused).rejects.toThrow(ChangeMismatchError);
  await expect(refused).rejects.toThrow('another version of the orchestrator bound it');
});
