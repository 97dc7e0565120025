import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { shortManifest, spellOutKeys } from '../../../lib/constructs/shakeable-sdk';

const repository = join(__dirname, '../../..');

const folderOf = (client: string): string =>
  join(repository, `node_modules/@aws-sdk/client-${client}/dist-es/schemas`);

/** All shapes of a client, written out; references to other shapes by what they are. */
const shapesOf = (client: string, schemas: string): string => {
  const stdin = { contents: schemas, resolveDir: folderOf(client) };
  const [built] = buildSync({
    stdin,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  }).outputFiles;
  const module = { exports: {} as Record<string, unknown> };
  new Function('module', 'exports', 'require', built?.text ?? '')(module, module.exports, require);
  return JSON.stringify(module.exports, (_, value) => (typeof value === 'function' ? String(value) : value));
};

test('keys are spelled out where their constant is known', () => {
  const schemas =
    'const _h = "header";\nconst _p = "__proto__";\nvar a = [0, { [_h]: 1, [_p]: 2, [_x]: 3 }];\n';
  expect(spellOutKeys(schemas)).toBe(
    'const _h = "header";\nconst _p = "__proto__";\nvar a = [0, { "header": 1, [_p]: 2, [_x]: 3 }];\n',
  );
});

test('a client keeps of its manifest what it reads, and what a bundler minds', () => {
  const manifest = readFileSync(join(repository, 'node_modules/@aws-sdk/client-s3/package.json'), 'utf8');
  const { version } = JSON.parse(manifest);
  expect(JSON.parse(shortManifest(manifest))).toEqual({
    name: '@aws-sdk/client-s3',
    version,
    sideEffects: false,
  });
});

test.each(['s3', 'dynamodb', 'lambda'])(
  'the shapes of the installed %s client stay what they are',
  (name) => {
    const schemas = readFileSync(join(folderOf(name), 'schemas_0.js'), 'utf8');
    const spelled = spellOutKeys(schemas);
    expect(spelled).not.toBe(schemas);
    expect(shapesOf(name, spelled)).toBe(shapesOf(name, schemas));
  },
);
