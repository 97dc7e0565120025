import { awsToolEnvironment, toolEnvironment } from '../../../lambdas/runners/tool-environment';
import { runTool } from '../../../lambdas/runners/tool-process';
import { TerraformError } from '../../../lambdas/shared/errors';

const request = (command: string, args: string[], signal = new AbortController().signal) => ({
  command,
  args,
  cwd: '/',
  env: { PATH: '/usr/bin:/bin' },
  signal,
  onOutput: () => undefined,
  failure: TerraformError,
});

test('gives the tool its arguments as they are and nothing of its own environment', async () => {
  process.env.TF_VAR_evil = 'x';
  const { stdout } = await runTool(request('sh', ['-c', 'echo "$1"; env', 'sh', '$(id) ; `id`']));
  delete process.env.TF_VAR_evil;
  expect(stdout).toContain('$(id) ; `id`\n');
  expect(stdout).not.toContain('TF_VAR_evil');
});

test('interrupts the whole group, and kills what does not end', async () => {
  const controller = new AbortController();
  const work = runTool({
    ...request('sh', ['-c', 'trap "" INT; sleep 30 & wait; sleep 30'], controller.signal),
    graceMs: 100,
  });
  setTimeout(() => controller.abort(new Error('enough')), 200);
  const started = Date.now();
  await expect(work).rejects.toThrow('enough');
  expect(Date.now() - started).toBeLessThan(5000);
});

test('names a tool that is missing', async () => {
  await expect(runTool(request('no-such-tool', []))).rejects.toMatchObject({
    name: 'TerraformError',
    message: expect.stringContaining('no-such-tool cannot be started on this worker'),
  });
});

test('hands no tool the identity of the worker, and OpenTofu the way to what was lent', () => {
  const own = {
    PATH: '/bin',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'k',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_SESSION_TOKEN: 't',
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/own',
    TF_CLI_ARGS_plan: '-destroy',
    ANSIBLE_CONFIG: 'x',
  };
  const plain = { PATH: '/bin', HOME: '/home', TMPDIR: '/home', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  expect(toolEnvironment(own, '/home')).toEqual(plain);
  const lent = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' };
  expect(awsToolEnvironment(own, '/home', lent)).toEqual({
    ...plain,
    ...lent,
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
