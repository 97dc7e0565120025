import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sources = join(__dirname, '../../../lambdas/runners');
const root = join(__dirname, '../../..');
const digest = `sha256:${'ab'.repeat(32)}`;
const recorded = ['NODE', 'TOFU', 'OPA'].map((name) => `${name}_IMAGE=example.com/${name.toLowerCase()}:1`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  for (const name of ['build-image.sh', 'record-base-images.sh'])
    copyFileSync(join(sources, name), join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (name: string, script: string): void => {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
};
const run = (script: string, ...args: string[]) =>
  spawnSync('sh', [join(folder, script), ...args], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
  });

test('builds from the recorded images, by digest', () => {
  writeFileSync(join(folder, 'base-images.env'), recorded.map((line) => `${line}@${digest}\n`).join(''));
  program('docker', 'printf "%s\\n" "$@"');
  const { status, stdout } = run('build-image.sh', 'runner:1');
  expect(status).toBe(0);
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining(['build', ...recorded.map((line) => `${line}@${digest}`), 'runner:1']),
  );
});

test.each([
  ['a tag', recorded.join('\n')],
  ['too short a digest', recorded.map((line) => `${line}@sha256:abcd`).join('\n')],
  [
    'two of three',
    recorded
      .slice(1)
      .map((line) => `${line}@${digest}`)
      .join('\n'),
  ],
])('builds nothing from %s', (_what, lines) => {
  writeFileSync(join(folder, 'base-images.env'), `${lines}\n`);
  program('docker', 'echo built');
  const { status, stdout, stderr } = run('build-image.sh', 'runner:1');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('NODE_IMAGE by no digest');
});

test('records nothing when OpenTofu’s release is not signed by its key', () => {
  program('docker', `[ "$1" = buildx ] && echo ${digest}`);
  program('curl', 'while [ "$1" != --output ]; do shift; done; echo something else > "$2"');
  const { status } = run('build-image.sh', 'runner:1');
  expect(status).not.toBe(0);
  expect(existsSync(join(folder, 'base-images.env'))).toBe(false);
});

test('the image holds the versions that the local platform has', () => {
  const script = readFileSync(join(sources, 'record-base-images.sh'), 'utf8');
  for (const [image, file, pattern] of [
    ['opentofu/opentofu', 'local/toolchain/opentofu/go.mod', /opentofu\/opentofu v(\S+)/],
    ['openpolicyagent/opa', 'local/toolchain/opa/go.mod', /open-policy-agent\/opa v(\S+)/],
  ] as const) {
    const version = pattern.exec(readFileSync(join(root, file), 'utf8'))?.[1];
    expect(script).toContain(`${image}:${version}-`);
  }
});
