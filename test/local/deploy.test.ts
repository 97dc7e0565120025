import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { DeployError, decisiveLines, deploy, progressOf } from '../../local/deploy';
import { deployedOutputs, stackWith } from '../support/deployed-stack';

const outputs = {
  ...deployedOutputs,
  PublicUrl: 'http://127.0.0.1:4566/restapis/a/live/_user_request_',
  StateMachineVmProvisioningArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:vm',
};
const cloudFormation = mockClient(CloudFormationClient);
const stacks = new Set<string>();
let root: string;

/** Stands in for the `cdk` command: it notes how it was called, and brings a stack up. */
const cdkScript = (exit: number) => `#!/bin/sh
env | sort > "$HOME/../called-$1.env"
pwd > "$HOME/../called-$1.cwd"
printf '%s\\n' "$@" > "$HOME/../called-$1.args"
echo "orchestrator-local-data: deploying... [1/4]"
[ ${exit} = 0 ] || echo " ❌  orchestrator-local-data failed: The bucket is taken."
exit ${exit}
`;

const writeCdk = (exit: number) =>
  writeFileSync(join(root, 'repository/node_modules/.bin/cdk'), cdkScript(exit), { mode: 0o755 });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'deploy-'));
  const folders = ['ansible', 'bin', 'lambdas', 'lib', 'terraform', 'workflows', 'node_modules/.bin'];
  for (const folder of folders) mkdirSync(join(root, 'repository', folder), { recursive: true });
  for (const file of ['cdk.json', 'package-lock.json', 'lib/app.ts'])
    writeFileSync(join(root, 'repository', file), '1');
  mkdirSync(join(root, 'state'));
  writeCdk(0);
  stacks.clear();
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).callsFake(({ StackName }) => {
    if (!stacks.has(StackName))
      throw new CloudFormationServiceException({
        name: 'ValidationError',
        message: `Stack with id ${StackName} does not exist`,
        $fault: 'client',
        $metadata: {},
      });
    return { Stacks: [stackWith(outputs)] };
  });
});
afterEach(() => rmSync(root, { recursive: true }));

const run = (notes: string[] = [], gatewayPort = 4566) =>
  deploy({
    repository: join(root, 'repository'),
    stateDir: join(root, 'state'),
    gatewayUrl: 'http://127.0.0.1:4566',
    settings: { gatewayPort, hostControllerUrl: 'http://127.0.0.1:4580', hostControllerTokenFile: 'token' },
    cloudFormation: new CloudFormationClient({ region: 'us-east-1' }),
    note: (text) => {
      notes.push(text);
      if (text.startsWith('deploying')) stacks.add('orchestrator-local-orchestrator');
    },
  });

const called = (command: string, what: string) =>
  readFileSync(join(root, 'state', `called-${command}.${what}`), 'utf8');

test('bootstraps and deploys once, then finds nothing to do until a source or a setting changes', async () => {
  const notes: string[] = [];
  const first = await run(notes);
  expect(first.deployed).toBe(true);
  expect(first.outputs.stateMachines).toEqual({
    'vm-provisioning': outputs.StateMachineVmProvisioningArn,
  });
  expect(notes).toEqual([
    'preparing the account',
    'deploying orchestrator-local-data [1/4]',
    'synthesizing',
    'deploying orchestrator-local-data [1/4]',
  ]);
  expect((await run()).deployed).toBe(false);
  expect((await run([], 4567)).deployed).toBe(true);
  expect((await run([], 4567)).deployed).toBe(false);
  writeFileSync(join(root, 'repository/lib/app.ts'), '2');
  expect((await run([], 4567)).deployed).toBe(true);
});

test('deploys again when the emulator has lost the stacks', async () => {
  await run();
  stacks.clear();
  expect((await run()).deployed).toBe(true);
});

test('hands cdk nothing of the environment but the path, and writes only below the state folder', async () => {
  process.env.AWS_PROFILE = 'production';
  try {
    await run();
  } finally {
    delete process.env.AWS_PROFILE;
  }
  const env = called('deploy', 'env');
  expect(env).not.toContain('production');
  expect(env).toContain('AWS_ENDPOINT_URL=http://127.0.0.1:4566');
  for (const name of ['HOME', 'CDK_HOME', 'TMPDIR']) expect(env).toContain(`${name}=${root}/state/`);
});

test('deploys all stacks without asking, and bootstraps where no app is synthesized', async () => {
  await run();
  expect(called('bootstrap', 'cwd').trim()).toBe(join(root, 'state'));
  expect(called('deploy', 'cwd').trim()).toBe(join(root, 'repository'));
  const args = called('deploy', 'args');
  for (const part of ['--all', 'env=local', '--require-approval\nnever', '"gatewayPort":4566'])
    expect(args).toContain(part);
});

test('a failure tells the decisive lines and where the rest is, and is tried again', async () => {
  stacks.add('CDKToolkit');
  writeCdk(1);
  const failure = run();
  await expect(failure).rejects.toThrow(DeployError);
  await expect(failure).rejects.toThrow(
    `cdk deploy failed (exit code 1). ❌  orchestrator-local-data failed: The bucket is taken.\nEverything it said: ${root}/state/logs/cdk-deploy.log`,
  );
  writeCdk(0);
  expect((await run()).deployed).toBe(true);
});

test.each([
  ['orchestrator-local-data: deploying... [2/4]', 'deploying orchestrator-local-data [2/4]'],
  ['orchestrator-local-data: start: Publishing begin-run', 'publishing the functions'],
  [' ✅  orchestrator-local-data', 'orchestrator-local-data is up'],
  ['Trusted accounts for deployment: (none)', null],
])('tells %j as %j', (line, text) => {
  expect(progressOf(line)).toBe(text);
});

test('without a line that looks like a reason, tells the last ones', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  expect(decisiveLines(lines)).toEqual(lines.slice(-8));
});
