import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleAll } from '../../../lib/constructs/bundle';

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const bundle = () => bundleAll({ root, outDir: join(root, '.build') });
const built = (path: string): string => join(root, '.build/lambdas', path);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bundle-'));
  write(
    'lambdas/greet/handler.ts',
    'export class GreetError extends Error {}\nexport const handler = async (name: string) => `hello ${name}`;',
  );
  write('lambdas/shared/errors.ts', 'export const x = 1;');
  write('lambdas/runners/handler.ts', 'export const handler = async () => 1;');
  write('lambdas/runners/main.ts', 'process.exitCode = 0;');
  write('lambdas/runners/Dockerfile', 'FROM scratch');
  write('terraform/modules/host/main.tf', '# host');
  write('terraform/modules/host/.terraform/cache', 'large');
  write('ansible/roles/base/tasks/main.yml', '[]');
});
afterEach(() => rmSync(root, { recursive: true }));

test('every folder with a handler becomes a bundle that runs', async () => {
  expect(bundle()).toEqual(['greet', 'runners']);
  const { handler, GreetError } = require(built('greet/index.js'));
  expect(await handler('you')).toBe('hello you');
  expect(GreetError.name).toBe('GreetError');
});

test('the runner has its command-line entry, its content and its Dockerfile beside it, no caches', () => {
  bundle();
  expect(existsSync(built('runners/main.js'))).toBe(true);
  expect(existsSync(built('runners/Dockerfile'))).toBe(true);
  expect(readFileSync(built('runners/content/terraform/modules/host/main.tf'), 'utf8')).toBe('# host');
  expect(existsSync(built('runners/content/ansible/roles/base/tasks/main.yml'))).toBe(true);
  expect(readdirSync(built('runners/content/terraform/modules/host'))).toEqual(['main.tf']);
});

test('the same sources give the same bytes and touch no file', () => {
  bundle();
  const before = [readFileSync(built('greet/index.js')), statSync(built('greet/index.js')).mtimeMs] as const;
  bundle();
  expect(readFileSync(built('greet/index.js'))).toEqual(before[0]);
  expect(statSync(built('greet/index.js')).mtimeMs).toBe(before[1]);
});

test('what is gone from the sources goes from the bundle', () => {
  bundle();
  rmSync(join(root, 'ansible/roles/base'), { recursive: true });
  rmSync(join(root, 'lambdas/greet'), { recursive: true });
  expect(bundle()).toEqual(['runners']);
  expect(existsSync(built('greet/index.js'))).toBe(false);
  expect(existsSync(built('runners/content/ansible/roles/base/tasks/main.yml'))).toBe(false);
});

test('a mistake in a source fails the bundle', () => {
  write('lambdas/greet/handler.ts', "import { gone } from './gone';\nexport const handler = gone;");
  expect(bundle).toThrow('Could not resolve "./gone"');
});
