import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { createProgress } from '../../local/progress';
import { ensureDevTools } from '../../local/toolchain/toolchain';
import { type AwsSchema, readTypings } from './aws-schema';
import { readModuleBlocks } from './module-blocks';

const root = resolve(__dirname, '../..');
/** Too large to be a dependency: 37 MB, of which the modules need a few names. */
const source = '@cdktf/provider-aws@21.22.1';
const integrity =
  'sha512-BuSHeaQFUL9l33pBzIMRT7cTQ69AM2mLtijjteCPhVQRmvuhuj9Lvfymf7knAMhYqAT6+Lrls9jiGVW/Us3zrQ==';
const packed = z.tuple([z.looseObject({ filename: z.string(), integrity: z.string() })]);

/** Writes the names of all types that the modules use, from the typings that are generated from the provider's schema. */
const main = async (): Promise<void> => {
  const { binDir } = await ensureDevTools(createProgress());
  const modules = join(root, 'terraform/modules');
  const wanted = new Set(
    readdirSync(modules)
      .flatMap((name) => readModuleBlocks(join(binDir, 'python'), join(modules, name)).resources)
      .map(({ type }) => type)
      .filter((type) => type.replace(/^data\./, '').startsWith('aws_')),
  );
  const folder = mkdtempSync(join(tmpdir(), 'aws-schema-'));
  try {
    const output = execFileSync('npm', ['pack', source, '--json', '--pack-destination', folder]);
    const [archive] = packed.parse(JSON.parse(output.toString('utf8')));
    if (archive.integrity !== integrity) throw new Error(`${source} is not what was recorded here.`);
    const name = archive.filename.replace(/^@/, '').replace('/', '-');
    execFileSync('tar', [
      '-xzf',
      join(folder, name),
      '-C',
      folder,
      '--wildcards',
      'package/lib/*/index.d.ts',
    ]);
    const lib = join(folder, 'package/lib');
    const types = readdirSync(lib)
      .map((part) => {
        const text = readFileSync(join(lib, part, 'index.d.ts'), 'utf8');
        const type = /tfResourceType = "(\w+)"/.exec(text)?.[1] ?? '';
        return { type: part.startsWith('data-aws-') ? `data.${type}` : type, text };
      })
      .filter(({ type }) => wanted.has(type))
      .sort((a, b) => (a.type < b.type ? -1 : 1))
      .map(({ type, text }) => [type, readTypings(text)] as const);
    const schema: AwsSchema = { source, types: Object.fromEntries(types) };
    writeFileSync(join(root, 'terraform/aws-schema.generated.json'), `${JSON.stringify(schema, null, 1)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
