import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkArchive, fetchRelease } from '../../../lambdas/runners/release-archive';
import { sha256Hex } from '../../../lambdas/shared/digest';
import {
  ContentDamagedError,
  ReleaseRefusedError,
  ReleaseUnknownError,
} from '../../../lambdas/shared/errors';
import { releaseBytesAtMost } from '../../../lambdas/shared/release-store';
import { exampleRelease } from '../../../local/example-release';
import { type TarEntry, tarGz, tarOf } from '../../support/tar-archive';

const check = (...entries: TarEntry[]) => checkArchive(tarGz(...entries), 'd'.repeat(64));
const file = (path: string, text = 'text'): TarEntry => ({ path, content: text });

test('takes files and folders, however long their names are', async () => {
  await check({ path: 'app/', type: '5' }, file('app/server.py'), file('.hidden'), file('a..b'));
  await check({ path: 'x', type: 'x', content: '22 path=app/long/name\n' }, file('app/cut-off'));
  await check({ path: '././@LongLink', type: 'L', content: 'app/long/name\0' }, file('app/cut-off'));
  await check({ path: 'pax_global_header', type: 'g', content: '52 comment=x\n' }, file('app'));
  await checkArchive(readFileSync(exampleRelease), 'd'.repeat(64));
});

test.each<[string, TarEntry[]]>([
  ['leads out', [file('../evil')]],
  ['leads out', [file('app/../../evil')]],
  ['leads out', [file('/etc/cron.d/evil')]],
  ['leads out', [{ path: 'x', type: 'x', content: '16 path=../evil\n' }, file('innocent')]],
  ['leads out', [{ path: 'L', type: 'L', content: '/etc/evil\0' }, file('innocent')]],
  ['leads out', [{ path: 'evil', prefix: '..' }]],
  ['is a link', [{ path: 'link', type: '2' }]],
  ['is a link', [{ path: 'hard', type: '1' }]],
  ['special file', [{ path: 'device', type: '3' }]],
  ['special file', [{ path: 'pipe', type: '6' }]],
  ['special file', [{ path: 'sparse', type: 'S' }]],
  ['holds no file', [{ path: 'folder/', type: '5' }]],
  ['name in it is too long', [{ path: 'x', type: 'x', content: 'x'.repeat(10_000) }, file('a')]],
])('refuses what %s', async (why, entries) => {
  const refused = check(...entries);
  await expect(refused).rejects.toThrow(ReleaseRefusedError);
  await expect(refused).rejects.toThrow(why);
});

test('refuses what is no archive, is cut off, or was made to fill a disk', async () => {
  const refuse = (bytes: Uint8Array, why: string) =>
    expect(checkArchive(bytes, 'd'.repeat(64))).rejects.toThrow(why);
  await refuse(Buffer.from('#!/bin/sh\n'), 'no gzip file');
  await refuse(gzipSync(Buffer.from('a'.repeat(600))), 'no plain tar');
  await refuse(gzipSync(tarOf(file('a', 'b'.repeat(5000))).subarray(0, 2000)), 'cut off');
  await refuse(tarGz(file('a')).subarray(0, 40), 'damaged');
  await refuse(gzipSync(Buffer.concat([tarOf(file('a')), Buffer.alloc(4 * 1024 * 1024)])), '200 times');
  const many = Array.from({ length: 20_001 }, (_, nth) => file(`f${nth}`, `${nth}`));
  await refuse(gzipSync(tarOf(...many), { level: 1 }), '20000 entries');
});

test('whatever the bytes are, it takes them or refuses them by name', async () => {
  const sample = tarOf(file('app/server.py', 'print(1)'), { path: 'app/', type: '5' });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 20 }),
      async (at) => {
        const bytes = Buffer.from(sample);
        for (const [offset, value] of at) bytes[offset] = value;
        await checkArchive(gzipSync(bytes), 'd'.repeat(64)).catch((error) => {
          expect(error).toBeInstanceOf(ReleaseRefusedError);
        });
      },
    ),
    { numRuns: 100 },
  );
});

test('a release is taken from the store by its digest, and only with its own bytes', async () => {
  const archive = tarGz(file('server.py'));
  const digest = sha256Hex(archive);
  const asked: unknown[] = [];
  const store = (found: Uint8Array | 'too large' | undefined) => ({
    findBytes: async (...call: unknown[]) => {
      asked.push(call);
      return found;
    },
  });
  expect(await fetchRelease(store(archive), digest)).toBe(archive);
  expect(asked).toEqual([[`releases/${digest}.tar.gz`, releaseBytesAtMost]]);
  await expect(fetchRelease(store(undefined), digest)).rejects.toThrow(ReleaseUnknownError);
  await expect(fetchRelease(store(tarGz(file('other'))), digest)).rejects.toThrow(ContentDamagedError);
  await expect(fetchRelease(store('too large'), digest)).rejects.toThrow('larger than 128 MiB');
});

test('the example names the release that is kept for it', () => {
  const { Comment } = JSON.parse(
    readFileSync(join(__dirname, '../../../workflows/application-deployment.asl.json'), 'utf8'),
  );
  expect(Comment).toContain(sha256Hex(readFileSync(exampleRelease)));
});
