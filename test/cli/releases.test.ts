import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { parseOrchestratorCall } from '../../cli/orchestrator-options';
import { putRelease } from '../../cli/releases';
import { UsageError } from '../../cli/usage-error';
import { sha256Hex } from '../../lambdas/shared/digest';
import { InvalidInputError, ReleaseRefusedError } from '../../lambdas/shared/errors';
import { deployedOutputs, stackWith } from '../support/deployed-stack';
import { inMemoryS3 } from '../support/in-memory-s3';
import { tarGz } from '../support/tar-archive';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'releases-'));
});
afterAll(() => rm(folder, { recursive: true }));

const deps = () => {
  mockClient(CloudFormationClient)
    .on(DescribeStacksCommand)
    .resolves({ Stacks: [stackWith(deployedOutputs)] });
  return {
    s3: inMemoryS3(),
    cloudFormation: new CloudFormationClient({ region: 'eu-central-1' }),
    environment: 'poc',
  };
};

test('a release is kept once, under its digest', async () => {
  const archive = tarGz({ path: 'server.py', content: 'print(1)' });
  const path = join(folder, 'shop.tar.gz');
  await writeFile(path, archive);
  const given = deps();
  const sha256 = sha256Hex(archive);
  expect(await putRelease(given, path)).toEqual({ sha256, known: false });
  expect(await putRelease(given, path)).toEqual({ sha256, known: true });
});

test('what is no release is refused before it is sent', async () => {
  const path = join(folder, 'bad.tar.gz');
  await writeFile(path, tarGz({ path: '../evil' }));
  await expect(putRelease(deps(), path)).rejects.toThrow(ReleaseRefusedError);
  await expect(putRelease(deps(), join(folder, 'none'))).rejects.toThrow(InvalidInputError);
  await expect(putRelease(deps(), folder)).rejects.toThrow('is no file');
});

test('releases put takes one file', () => {
  const call = (...argv: string[]) =>
    parseOrchestratorCall(['releases', ...argv], { ORCHESTRATOR_ENV: 'poc' });
  expect(call('put', 'a.tar.gz')).toMatchObject({ command: 'releases', action: 'put', file: 'a.tar.gz' });
  for (const argv of [[], ['put'], ['put', 'a', 'b'], ['take', 'a']])
    expect(() => call(...argv)).toThrow(UsageError);
});
