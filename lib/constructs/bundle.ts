import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { shakeableSdk } from './shakeable-sdk';

/** Where sources are and where bundles go. */
export interface BundleOptions {
  /** The repository. */
  readonly root: string;
  /** Receives `lambdas/<name>/index.js` and `meta.json`. */
  readonly outDir: string;
}

const repository: BundleOptions = {
  root: resolve(__dirname, '../..'),
  outDir: resolve(__dirname, '../../.build'),
};

/** What lies beside the runner's program: the content it runs. */
const runnerContent = ['terraform/modules', 'policies', 'ansible', 'script-steps'];
/** What an image of the runner is built from, beside the bundle. */
const imageFiles = [
  'Dockerfile',
  'requirements.txt',
  'build-image.sh',
  'record-base-images.sh',
  'base-images.env',
];
const leftOut = new Set([
  '.terraform',
  '.terraform.lock.hcl.tmp',
  '.ansible',
  '__pycache__',
  '.pytest_cache',
]);

const filesUnder = (folder: string): string[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { withFileTypes: true })
        .filter((entry) => !leftOut.has(entry.name))
        .flatMap((entry) => {
          const path = join(folder, entry.name);
          return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
        });

const isSame = (path: string, bytes: Uint8Array): boolean => {
  try {
    return readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
};

/** Another synth may read the same folder now: files appear whole or not at all, and only when they differ. */
const putWhole = (path: string, bytes: Uint8Array, scratch: string): void => {
  if (isSame(path, bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(scratch, { recursive: true });
  const temporary = join(scratch, randomUUID());
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
};

const settings = {
  bundle: true,
  minify: true,
  // Errors are API: their class names reach Step Functions.
  keepNames: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'error',
} as const satisfies BuildOptions;

/** A Lambda function finds its credentials in its environment; the SDK loads these only when there are none. */
const unusedInLambda = [
  ...['sso', 'ini', 'process', 'web-identity', 'login', 'http'].map(
    (kind) => `@aws-sdk/credential-provider-${kind}`,
  ),
  '@smithy/credential-provider-imds',
];

/** The YAML parser as modules, from which is left out what is not used; Node itself would take it whole. */
const yamlModules = (root: string): Record<string, string> => {
  const entry = join(root, 'node_modules/yaml/browser/dist/index.js');
  return existsSync(entry) ? { yaml: entry } : {};
};

/** Beside the runner's handler: its command-line entry, the content it runs, and what its image is built from. */
const runnerFiles = (
  root: string,
  out: string,
  shared: typeof settings & { absWorkingDir: string; outdir: string },
): [string, Uint8Array][] => {
  const runner = join(root, 'lambdas/runners');
  const main = join(runner, 'main.ts');
  const program = existsSync(main)
    ? buildSync({ ...shared, entryPoints: { 'runners/main': main } }).outputFiles
    : [];
  const beside = (path: string, file: string): [string, Uint8Array] => [
    join(out, 'runners', path),
    readFileSync(file),
  ];
  return [
    ...program.map((file): [string, Uint8Array] => [file.path, file.contents]),
    ...imageFiles
      .filter((name) => existsSync(join(runner, name)))
      .map((name) => beside(name, join(runner, name))),
    ...runnerContent
      .flatMap((folder) => filesUnder(join(root, folder)))
      .map((file) => beside(join('content', relative(root, file)), file)),
  ];
};

/**
 * Bundles all `lambdas/<name>/handler.ts` in one esbuild call.
 *
 * The same sources give the same bytes, so that a function whose code did not change is not deployed again.
 *
 * @returns the names of the functions
 */
export const bundleAll = ({ root, outDir }: BundleOptions): readonly string[] => {
  const lambdas = join(root, 'lambdas');
  const names = readdirSync(lambdas)
    .filter((name) => existsSync(join(lambdas, name, 'handler.ts')))
    .sort();
  const out = join(outDir, 'lambdas');
  const alias = { ...shakeableSdk(root, join(outDir, 'clients')), ...yamlModules(root) };
  const shared = { ...settings, alias, absWorkingDir: root, outdir: out };
  const handlers = buildSync({
    ...shared,
    entryPoints: Object.fromEntries(
      names.map((name) => [`${name}/index`, join(lambdas, name, 'handler.ts')]),
    ),
    external: unusedInLambda,
  });
  const wanted = new Map<string, Uint8Array>(handlers.outputFiles.map((file) => [file.path, file.contents]));
  if (names.includes('runners'))
    for (const [path, bytes] of runnerFiles(root, out, shared)) wanted.set(path, bytes);

  const scratch = join(outDir, 'tmp');
  for (const [path, bytes] of wanted) putWhole(path, bytes, scratch);
  for (const stale of filesUnder(out).filter((path) => !wanted.has(path))) rmSync(stale, { force: true });
  putWhole(join(outDir, 'meta.json'), Buffer.from(JSON.stringify(handlers.metafile)), scratch);
  return names;
};

let bundled: ReadonlySet<string> | undefined;

/**
 * The folder with the bundle of one function; all are built at the first call of a synth.
 *
 * @throws Error when there is no such function
 */
export const bundleOf = (name: string): string => {
  bundled ??= new Set(bundleAll(repository));
  if (!bundled.has(name))
    throw new Error(`There is no lambdas/${name}/handler.ts. Known: ${[...bundled].join(', ')}.`);
  return join(repository.outDir, 'lambdas', name);
};
